#include "model/capture/token_rows.h"

#include <algorithm>

#include "base/error.h"

namespace alluvium {
namespace {

Encoding encode(const Prompt& prompt, const Tokenizer* tokenizer, const TokenizeOptions& options) {
    if (!prompt.ids.empty()) {
        const std::size_t n = prompt.ids.size();
        return {.ids = prompt.ids,
                .begin = std::vector<std::uint32_t>(n),
                .end = std::vector<std::uint32_t>(n),
                .special = std::vector<std::uint8_t>(n)};
    }
    if (tokenizer == nullptr) {
        throw UserError("prompt '" + prompt.id + "' is text, but the checkpoint has no tokenizer",
                        "add its tokenizer.json to the folder, or give token ids in a .jsonl file");
    }
    try {
        return options.chat != nullptr ? options.chat->encode(*tokenizer, prompt.text)
                                       : tokenizer->encode(prompt.text, options.add_bos);
    } catch (const UserError& e) {
        throw UserError("prompt '" + prompt.id + "': " + e.what(), e.hint());
    }
}

void append_prompt(PromptTable& table, const Prompt& prompt) {
    table.id.push_back(prompt.id);
    table.text.push_back(prompt.text);
    table.language.push_back(prompt.language);
    table.group.push_back(prompt.group);
    table.domain.push_back(prompt.domain);
    table.done.push_back(0);
}

// Every column that any prompt has becomes a column of the table, empty where a prompt lacks it.
void fill_extra(PromptTable& table, const std::vector<Prompt>& prompts) {
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        for (const auto& [name, value] : prompts[p].extra) {
            std::vector<std::string>& column = table.extra[name];
            column.resize(prompts.size());
            column[p] = value;
        }
    }
}

void append_tokens(TokenTable& table, const Encoding& encoding, std::uint32_t prompt,
                   std::uint32_t count) {
    const auto append = [count](auto& column, const auto& from) {
        column.insert(column.end(), from.begin(), from.begin() + count);
    };
    append(table.id, encoding.ids);
    append(table.byte_begin, encoding.begin);
    append(table.byte_end, encoding.end);
    append(table.special, encoding.special);
    table.prompt.insert(table.prompt.end(), count, prompt);
    table.phase.insert(table.phase.end(), count, kPhasePrompt);
    for (std::uint32_t i = 0; i < count; ++i) table.position.push_back(i);
}

// Rows of tokens that are not known yet.
void append_reserved(TokenTable& table, std::uint32_t prompt, std::uint32_t first,
                     std::uint32_t count) {
    constexpr std::uint32_t kNoToken = 0xffffffff;
    table.id.insert(table.id.end(), count, kNoToken);
    table.byte_begin.insert(table.byte_begin.end(), count, 0);
    table.byte_end.insert(table.byte_end.end(), count, 0);
    table.special.insert(table.special.end(), count, 0);
    table.prompt.insert(table.prompt.end(), count, prompt);
    table.phase.insert(table.phase.end(), count, kPhaseUnused);
    for (std::uint32_t i = 0; i < count; ++i) table.position.push_back(first + i);
}

}  // namespace

TokenRows tokenize_prompts(const std::vector<Prompt>& prompts, const Tokenizer* tokenizer,
                           const TokenizeOptions& options) {
    TokenRows rows;
    for (const Prompt& prompt : prompts) {
        const Encoding encoding = encode(prompt, tokenizer, options);
        const auto whole = static_cast<std::uint32_t>(encoding.size());
        const std::uint32_t kept = std::min(whole, options.max_tokens.value_or(whole));
        rows.prompts.first_token.push_back(rows.tokens.size());
        rows.prompts.token_count.push_back(kept + options.reserved);
        rows.prompts.truncated.push_back(kept < whole ? 1 : 0);
        const auto number = static_cast<std::uint32_t>(rows.prompts.size());
        append_tokens(rows.tokens, encoding, number, kept);
        append_reserved(rows.tokens, number, kept, options.reserved);
        append_prompt(rows.prompts, prompt);
    }
    fill_extra(rows.prompts, prompts);
    return rows;
}

std::vector<PromptRange> plan_batches(const std::vector<std::uint32_t>& token_count,
                                      std::uint64_t batch_tokens) {
    std::vector<PromptRange> batches;
    std::uint64_t tokens = 0;
    for (std::size_t p = 0; p < token_count.size(); ++p) {
        if (batches.empty() || tokens + token_count[p] > batch_tokens) {
            batches.push_back({p, p});
            tokens = 0;
        }
        tokens += token_count[p];
        batches.back().end = p + 1;
    }
    return batches;
}

}  // namespace alluvium
