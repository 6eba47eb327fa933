#pragma once
// From prompts to the rows of a trace: what is known before the first forward pass.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "captures/prompt_file.h"
#include "captures/routing_trace.h"
#include "model/tokenizer/chat_template/chat_template.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {

struct TokenizeOptions {
    AddBos add_bos = AddBos::automatic;
    std::optional<std::uint32_t> max_tokens;  // per prompt; longer ones are cut and marked
    std::uint32_t reserved = 0;               // rows behind each prompt, for tokens to be generated
    const ChatEncoder* chat = nullptr;        // null: prompts as they are
};

struct TokenRows {
    PromptTable prompts;
    TokenTable tokens;
};

// `tokenizer` may be null where every prompt is token ids. UserError names the prompt.
TokenRows tokenize_prompts(const std::vector<Prompt>& prompts, const Tokenizer* tokenizer,
                           const TokenizeOptions& options);

// Consecutive prompts of at most `batch_tokens` tokens; a longer prompt is a batch alone. Depends on
// the prompts and the option only, so that a resumed capture runs the batches of the first run.
struct PromptRange {
    std::size_t begin = 0, end = 0;
};
std::vector<PromptRange> plan_batches(const std::vector<std::uint32_t>& token_count,
                                      std::uint64_t batch_tokens);

}  // namespace alluvium
