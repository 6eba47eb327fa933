#pragma once
// Which expert the texts of each language belong to while training.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "captures/prompt_file.h"
#include "model/checkpoint/lineage.h"
#include "model/upcycle/expert_labels.h"

namespace alluvium {

class LanguageTable;

struct ExpertAssignment {
    ExpertsBy by = ExpertsBy::none;
    std::vector<std::string> labels;  // [E]

    // -1 where the language has none.
    std::int64_t expert_of(const std::string& language, const LanguageTable& table) const;
};

struct AssignmentWish {
    bool families = false;               // the 7 families, whatever the lineage says
    std::vector<std::string> languages;  // of the experts, where the lineage does not say
};

// From the wish, else from the checkpoint's lineage, else the languages that so many experts stand
// for by default (see expert_labels). UserError where their number does not fit.
ExpertAssignment assign_experts(const Lineage& lineage, int experts, const AssignmentWish& wish,
                                const LanguageTable& table);

// UserError naming the first text whose language has no expert.
void require_experts(std::span<const Prompt> texts, const ExpertAssignment& assignment,
                     const LanguageTable& table);

}  // namespace alluvium
