#include "model/train/expert_assignment.h"

#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {

std::int64_t ExpertAssignment::expert_of(const std::string& language,
                                         const LanguageTable& table) const {
    return alluvium::expert_of(language, by, labels, table).value_or(-1);
}

ExpertAssignment assign_experts(const Lineage& lineage, int experts, const AssignmentWish& wish,
                                const LanguageTable& table) {
    if (wish.families) {
        return {ExpertsBy::family, expert_labels(ExpertsBy::family, experts, {}, table)};
    }
    if (wish.languages.empty() && !lineage.expert_labels.empty()) {
        const ExpertsBy by = parse_experts_by(lineage.experts_by);
        if (std::ssize(lineage.expert_labels) != experts) {
            throw UserError("the checkpoint names " + std::to_string(lineage.expert_labels.size()) +
                                " experts and has " + std::to_string(experts),
                            "name the languages of its experts: --languages ar,en,zh,...");
        }
        return {by, lineage.expert_labels};
    }
    return {ExpertsBy::language,
            expert_labels(ExpertsBy::language, experts, wish.languages, table)};
}

void require_experts(std::span<const Prompt> texts, const ExpertAssignment& assignment,
                     const LanguageTable& table) {
    for (const Prompt& text : texts) {
        if (assignment.expert_of(text.language, table) >= 0) continue;
        std::string labels;
        for (const std::string& label : assignment.labels) {
            labels += (labels.empty() ? "" : ", ") + label;
        }
        const std::string language =
            text.language.empty() ? "no language" : "the language '" + text.language + "'";
        throw UserError(
            "text '" + text.id + "' has " + language + ", which none of the experts stands for",
            "the experts are: " + labels +
                "; leave these texts out, or train with "
                "--routing top-k");
    }
}

}  // namespace alluvium
