#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "captures/prompt_file.h"
#include "model/capture/engine.h"
#include "model/forward/token_batch.h"
#include "model/intervene/paired_bootstrap.h"

namespace alluvium {

struct PromptTokens {
    AddBos add_bos = AddBos::automatic;
    bool include_special = false;
    std::uint64_t batch_tokens = 512;
};

// Prompts of one forward pass and what their rows are to an intervention.
struct JudgedBatch {
    TokenBatch tokens;
    std::vector<std::size_t> prompts;    // [P] place among all prompts
    std::vector<std::int64_t> language;  // [T] index, -1: special, not counted
    std::vector<std::int64_t> next;      // [T] the token to predict, -1: not judged
};

// Prompts as batches, with their languages in alphabetical order.
struct JudgedPrompts {
    std::vector<std::string> languages;  // [G] labels
    std::vector<ObservationKey> keys;    // [prompts] language and translation group
    std::vector<JudgedBatch> batches;
    std::uint64_t tokens = 0;

    // UserError naming `option` where no prompt has the label.
    std::size_t language_index(const std::string& label, const std::string& option) const;
};

// UserError names a prompt that cannot be tokenized.
JudgedPrompts judged_prompts(const Engine& engine, const std::vector<Prompt>& prompts,
                             const PromptTokens& options);

}  // namespace alluvium
