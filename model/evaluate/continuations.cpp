#include "model/evaluate/continuations.h"

#include <map>

#include "base/error.h"
#include "model/evaluate/batch_losses.h"
#include "model/evaluate/choice_batch.h"

namespace alluvium {
namespace {

// Special tokens at the end (a post-processor's) would stand between prompt and continuation.
void drop_special_end(Encoding& encoding) {
    while (encoding.size() > 0 && encoding.special.back() != 0) {
        encoding.ids.pop_back();
        encoding.begin.pop_back();
        encoding.end.pop_back();
        encoding.special.pop_back();
    }
}

TokenizedChoice tokenize(const Tokenizer& tokenizer, const ChoicePrompt& prompt,
                         const std::string& continuation) {
    Encoding encoding = tokenizer.encode(prompt.prompt + continuation);
    drop_special_end(encoding);
    TokenizedChoice choice{{encoding.ids.begin(), encoding.ids.end()}, 0};
    while (choice.scored_from < encoding.size() &&
           encoding.end[choice.scored_from] <= prompt.prompt.size()) {
        ++choice.scored_from;
    }
    if (choice.scored_from == 0 || choice.scored_from == choice.ids.size()) {
        throw UserError("'" + prompt.id + "': the prompt or its continuation '" + continuation +
                            "' has no token of its own",
                        "give a prompt, and options that are not empty");
    }
    return choice;
}

using Choices = std::vector<TokenizedChoice>;

std::vector<Choices> tokenize_all(const Engine& engine, std::span<const ChoicePrompt> prompts) {
    if (!engine.tokenizer) {
        throw UserError(
            "questions are text, but the checkpoint has no tokenizer: " + engine.tokenizer_problem,
            "add its tokenizer.json to the folder");
    }
    std::vector<Choices> all;
    for (const ChoicePrompt& prompt : prompts) {
        Choices& choices = all.emplace_back();
        for (const std::string& continuation : prompt.continuations) {
            try {
                choices.push_back(tokenize(*engine.tokenizer, prompt, continuation));
            } catch (const UserError& e) {
                throw UserError("'" + prompt.id + "': " + e.what(), e.hint());
            }
        }
    }
    return all;
}

// Prompts that share a forward pass: of one language, in their order.
struct PlannedBatch {
    std::string language;
    std::vector<std::size_t> prompts;
    std::uint64_t tokens = 0;
};

std::vector<PlannedBatch> plan(std::span<const ChoicePrompt> prompts,
                               const std::vector<Choices>& choices, const ScoringOptions& options) {
    std::map<std::string, std::vector<std::size_t>> by_language;
    for (std::size_t p = 0; p < prompts.size(); ++p) by_language[prompts[p].language].push_back(p);
    const ChoiceBatch empty(options.share_prompt);
    std::vector<PlannedBatch> batches;
    for (const auto& [language, members] : by_language) {
        bool fresh = true;
        for (const std::size_t p : members) {
            const std::uint64_t cost = empty.cost(choices[p]);
            if (fresh || batches.back().tokens + cost > options.batch_tokens) {
                batches.push_back({language, {}, 0});
            }
            fresh = false;
            batches.back().prompts.push_back(p);
            batches.back().tokens += cost;
        }
    }
    return batches;
}

}  // namespace

std::vector<std::vector<ContinuationLoss>> score_continuations(
    const Engine& engine, std::span<const ChoicePrompt> prompts, const ScoringOptions& options,
    Progress& progress) {
    const std::vector<Choices> choices = tokenize_all(engine, prompts);
    const std::vector<PlannedBatch> planned = plan(prompts, choices, options);
    LossBatches batches;
    for (const PlannedBatch& batch : planned) batches.sizes.push_back({batch.tokens});
    batches.make = [&](std::size_t b) {
        ChoiceBatch packed(options.share_prompt);
        for (const std::size_t p : planned[b].prompts) packed.append(choices[p]);
        LossBatch batch{planned[b].language, packed.tokens(), packed.predicted()};
        batch.tokens.languages.assign(batch.tokens.prompts(), batch.language);
        return batch;
    };
    const LanguagePass passes(engine, options.route, options.edit);
    const auto nats = batch_losses(engine, passes, batches, progress);

    std::vector<std::vector<ContinuationLoss>> losses(prompts.size());
    for (std::size_t b = 0; b < planned.size(); ++b) {
        auto next = nats[b].begin();
        for (const std::size_t p : planned[b].prompts) {
            for (const TokenizedChoice& choice : choices[p]) {
                ContinuationLoss& loss = losses[p].emplace_back();
                loss.tokens = static_cast<std::uint32_t>(choice.ids.size() - choice.scored_from);
                for (std::uint32_t t = 0; t < loss.tokens; ++t) loss.nats += *next++;
            }
        }
    }
    return losses;
}

}  // namespace alluvium
