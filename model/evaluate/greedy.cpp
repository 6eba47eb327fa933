#include "model/evaluate/greedy.h"

#include <algorithm>

#include "base/error.h"
#include "model/forward/greedy_decoder.h"

namespace alluvium {
namespace {

std::vector<std::int64_t> prompt_ids(const Tokenizer& tokenizer, const GreedyPrompt& prompt) {
    try {
        Encoding encoding = tokenizer.encode(prompt.text);
        while (!encoding.ids.empty() && encoding.special.back() != 0) {
            encoding.ids.pop_back();
            encoding.special.pop_back();
        }
        if (encoding.ids.empty()) throw UserError("an empty prompt");
        return {encoding.ids.begin(), encoding.ids.end()};
    } catch (const UserError& e) {
        throw UserError("'" + prompt.id + "': " + e.what(), e.hint());
    }
}

// Answers to prompts of one language, in their order.
std::vector<std::string> answers_to(std::vector<std::vector<std::int64_t>> prompts,
                                    const Tokenizer& tokenizer, ForwardPass forward,
                                    const GreedyOptions& options, Progress& progress) {
    const std::int64_t eos = tokenizer.eos() ? std::int64_t{*tokenizer.eos()} : -1;
    std::vector<std::string> answers(prompts.size());
    std::vector<std::vector<std::uint32_t>> ids(prompts.size());
    GreedyDecoder decoder(std::move(forward), std::move(prompts), {.remember = options.remember});
    for (std::int64_t step = 0; !decoder.prompts().empty(); ++step) {
        const bool too_early = step < options.min_new_tokens;
        const std::vector<std::int64_t> next =
            decoder.next(too_early ? eos : -1, nullptr, progress);
        const std::vector<std::size_t> asked = decoder.prompts();
        decoder.go_on(next, [&](std::size_t i) {
            std::vector<std::uint32_t>& own = ids[asked[i]];
            if (next[i] != eos) own.push_back(static_cast<std::uint32_t>(next[i]));
            std::string& answer = answers[asked[i]];
            answer = tokenizer.decode(own);
            const bool ended = next[i] == eos || step + 1 >= options.max_new_tokens;
            if (!ended && !options.enough(answer)) return true;
            progress.advance();
            return false;
        });
    }
    return answers;
}

}  // namespace

std::vector<std::string> answer_greedily(const Engine& engine,
                                         std::span<const GreedyPrompt> prompts,
                                         const GreedyOptions& options, Progress& progress) {
    if (!engine.tokenizer) throw UserError(engine.tokenizer_problem);
    const LanguagePass passes(engine, options.route);
    std::vector<std::string> answers(prompts.size());
    progress.start(prompts.size());
    for (std::size_t first = 0; first < prompts.size();) {
        std::vector<std::vector<std::int64_t>> batch;
        std::uint64_t tokens = 0;
        std::size_t next = first;
        for (; next < prompts.size() && prompts[next].language == prompts[first].language; ++next) {
            std::vector<std::int64_t> ids = prompt_ids(*engine.tokenizer, prompts[next]);
            if (!batch.empty() && tokens + ids.size() > options.batch_tokens) break;
            tokens += ids.size();
            batch.push_back(std::move(ids));
        }
        const std::vector<std::string> own =
            answers_to(std::move(batch), *engine.tokenizer,
                       passes.pass_for(prompts[first].language), options, progress);
        std::ranges::copy(own, answers.begin() + static_cast<std::ptrdiff_t>(first));
        first = next;
    }
    return answers;
}

}  // namespace alluvium
