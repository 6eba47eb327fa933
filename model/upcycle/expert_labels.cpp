#include "model/upcycle/expert_labels.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

std::string code_of(const std::string& label, const LanguageTable& table) {
    const Language* language = table.find(label);
    if (language != nullptr) return language->code;
    throw UserError("unknown language '" + label + "'",
                    "languages are named by the codes of languages.json, for example ar,en,zh");
}

std::vector<std::string> codes_where(const LanguageTable& table, bool majors_only) {
    std::vector<std::string> codes;
    for (const Language& language : table.all()) {
        if (language.major || !majors_only) codes.push_back(language.code);
    }
    return codes;
}

std::vector<std::string> language_labels(int experts, std::span<const std::string> languages,
                                         const LanguageTable& table) {
    std::vector<std::string> codes;
    for (const std::string& language : languages) codes.push_back(code_of(language, table));
    if (codes.empty()) codes = codes_where(table, experts <= 12);
    std::ranges::sort(codes);
    const auto twice = std::ranges::adjacent_find(codes);
    if (twice != codes.end()) throw UserError("language '" + *twice + "' is named twice");
    if (std::ssize(codes) != experts) {
        throw UserError(std::to_string(experts) + " experts cannot stand for " +
                            std::to_string(codes.size()) + " languages",
                        "name as many languages as there are experts: --languages ar,en,zh,...");
    }
    return codes;
}

std::vector<std::string> family_labels(int experts, const LanguageTable& table) {
    std::map<int, std::string> families;
    for (const Language& language : table.all()) {
        if (language.talk_expert >= 0) families[language.talk_expert] = language.talk_family;
    }
    if (std::ssize(families) != experts) {
        throw UserError(std::to_string(experts) + " experts cannot stand for the " +
                            std::to_string(families.size()) + " families",
                        "give --experts " + std::to_string(families.size()));
    }
    std::vector<std::string> labels;
    for (const auto& [expert, family] : families) labels.push_back(family);
    return labels;
}

}  // namespace

ExpertsBy parse_experts_by(std::string_view word) {
    for (const ExpertsBy by : {ExpertsBy::none, ExpertsBy::language, ExpertsBy::family}) {
        if (word == experts_by_word(by)) return by;
    }
    throw UserError("experts by '" + std::string(word) + "' is none of language, family, none");
}

std::string_view experts_by_word(ExpertsBy by) {
    switch (by) {
        case ExpertsBy::language:
            return "language";
        case ExpertsBy::family:
            return "family";
        case ExpertsBy::none:
            break;
    }
    return "none";
}

std::vector<std::string> expert_labels(ExpertsBy by, int experts,
                                       std::span<const std::string> languages,
                                       const LanguageTable& table) {
    switch (by) {
        case ExpertsBy::language:
            return language_labels(experts, languages, table);
        case ExpertsBy::family:
            return family_labels(experts, table);
        case ExpertsBy::none:
            break;
    }
    return {};
}

std::optional<int> expert_of(const std::string& label, ExpertsBy by,
                             std::span<const std::string> labels, const LanguageTable& table) {
    const Language* language = table.find(label);
    if (language == nullptr) return std::nullopt;
    const std::string& wanted = by == ExpertsBy::family ? language->talk_family : language->code;
    const auto found = std::ranges::find(labels, wanted);
    if (by == ExpertsBy::none || found == labels.end()) return std::nullopt;
    return static_cast<int>(found - labels.begin());
}

}  // namespace alluvium
