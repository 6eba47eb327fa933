#include "model/intervene/judged_prompts.h"

#include <algorithm>

#include "base/error.h"
#include "model/capture/token_rows.h"

namespace alluvium {
namespace {

JudgedBatch judged_batch(const TokenRows& rows, PromptRange range,
                         const std::vector<ObservationKey>& keys, bool include_special) {
    JudgedBatch batch;
    for (std::size_t p = range.begin; p < range.end; ++p) {
        const std::uint64_t first = rows.prompts.first_token[p];
        const std::uint64_t end = first + rows.prompts.token_count[p];
        if (end == first) continue;
        batch.tokens.append({rows.tokens.id.begin() + static_cast<std::ptrdiff_t>(first),
                             rows.tokens.id.begin() + static_cast<std::ptrdiff_t>(end)});
        batch.tokens.languages.push_back(rows.prompts.language[p]);
        batch.prompts.push_back(p);
        const auto counts = [&](std::uint64_t row) {
            return include_special || rows.tokens.special[row] == 0;
        };
        for (std::uint64_t row = first; row < end; ++row) {
            const bool judged = row + 1 < end && counts(row + 1);
            batch.language.push_back(counts(row) ? static_cast<std::int64_t>(keys[p].language)
                                                 : -1);
            batch.next.push_back(judged ? static_cast<std::int64_t>(rows.tokens.id[row + 1]) : -1);
        }
    }
    return batch;
}

}  // namespace

std::size_t JudgedPrompts::language_index(const std::string& label,
                                          const std::string& option) const {
    const auto found = std::ranges::find(languages, label);
    if (found != languages.end()) return static_cast<std::size_t>(found - languages.begin());
    std::string known;
    for (const std::string& language : languages) known += (known.empty() ? "" : ", ") + language;
    throw UserError(option + ": no prompt is in '" + label + "'", "the prompts are in: " + known);
}

JudgedPrompts judged_prompts(const Engine& engine, const std::vector<Prompt>& prompts,
                             const PromptTokens& options) {
    const TokenRows rows = tokenize_prompts(prompts, engine.tokenizer.get(),
                                            {.add_bos = options.add_bos, .max_tokens = {}});
    JudgedPrompts judged;
    judged.languages = rows.prompts.language;
    std::ranges::sort(judged.languages);
    judged.languages.erase(std::unique(judged.languages.begin(), judged.languages.end()),
                           judged.languages.end());
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        judged.keys.push_back(
            {judged.language_index(rows.prompts.language[p], "--prompts"), rows.prompts.group[p]});
    }
    judged.tokens = rows.tokens.size();
    for (const PromptRange range : plan_batches(rows.prompts.token_count, options.batch_tokens)) {
        JudgedBatch batch = judged_batch(rows, range, judged.keys, options.include_special);
        if (batch.tokens.tokens() > 0) judged.batches.push_back(std::move(batch));
    }
    return judged;
}

}  // namespace alluvium
