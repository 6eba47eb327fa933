#include "model/evaluate/greedy.h"

#include <algorithm>

#include "base/error.h"
#include "model/capture/batch_chunks.h"
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

// Prompts of one language, one after the other, that are answered together.
struct AskedBatch {
    std::size_t first = 0;
    std::string language;
    std::vector<std::vector<std::int64_t>> ids;
    std::uint64_t tokens = 0;
};

std::vector<AskedBatch> plan(const Tokenizer& tokenizer, std::span<const GreedyPrompt> prompts,
                             std::uint64_t batch_tokens) {
    std::vector<AskedBatch> batches;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        std::vector<std::int64_t> ids = prompt_ids(tokenizer, prompts[p]);
        if (batches.empty() || batches.back().language != prompts[p].language ||
            batches.back().tokens + ids.size() > batch_tokens) {
            batches.push_back({.first = p, .language = prompts[p].language, .ids = {}});
        }
        batches.back().tokens += ids.size();
        batches.back().ids.push_back(std::move(ids));
    }
    return batches;
}

// With what its prompts may become.
BatchSize size_of(const AskedBatch& batch, const Model& model, const GreedyOptions& options) {
    const auto more = static_cast<std::uint64_t>(std::max<std::int64_t>(1, options.max_new_tokens));
    BatchSize size{.tokens = batch.tokens + batch.ids.size() * more};
    for (std::size_t p = 0; options.remember && p < batch.ids.size(); ++p) {
        size.kept_bytes += remembered_bytes(model.spec(), batch.ids[p].size() + more,
                                            c10::elementSize(model.dtype()));
    }
    return size;
}

// Answers to the prompts of some batches, all of which take their next step together.
class Answering {
  public:
    Answering(const Tokenizer& tokenizer, const GreedyOptions& options, Progress& progress,
              std::vector<std::string>& answers)
        : tokenizer_(tokenizer), options_(options), progress_(progress), answers_(answers) {}

    void add(AskedBatch batch, ForwardPass forward) {
        first_.push_back(batch.first);
        ids_.emplace_back(batch.ids.size());
        decoders_.emplace_back(std::move(forward), std::move(batch.ids),
                               GreedyDecoding{.remember = options_.remember});
    }

    void run() {
        const std::int64_t eos = tokenizer_.eos() ? std::int64_t{*tokenizer_.eos()} : -1;
        const auto asked = [](const GreedyDecoder& d) { return !d.prompts().empty(); };
        for (std::int64_t step = 0; std::ranges::any_of(decoders_, asked); ++step) {
            const bool too_early = step < options_.min_new_tokens;
            const auto next =
                GreedyDecoder::next_of_all(decoders_, too_early ? eos : -1, progress_);
            for (std::size_t d = 0; d < decoders_.size(); ++d) go_on(d, next[d], step, eos);
        }
    }

  private:
    void go_on(std::size_t decoder, const std::vector<std::int64_t>& next, std::int64_t step,
               std::int64_t eos) {
        const std::vector<std::size_t> asked = decoders_[decoder].prompts();
        decoders_[decoder].go_on(next, [&](std::size_t i) {
            std::vector<std::uint32_t>& own = ids_[decoder][asked[i]];
            if (next[i] != eos) own.push_back(static_cast<std::uint32_t>(next[i]));
            std::string& answer = answers_[first_[decoder] + asked[i]];
            answer = tokenizer_.decode(own);
            const bool ended = next[i] == eos || step + 1 >= options_.max_new_tokens;
            if (!ended && !options_.enough(answer)) return true;
            progress_.advance();
            return false;
        });
    }

    const Tokenizer& tokenizer_;
    const GreedyOptions& options_;
    Progress& progress_;
    std::vector<std::string>& answers_;
    std::vector<GreedyDecoder> decoders_;
    std::vector<std::size_t> first_;                            // prompt of each decoder
    std::vector<std::vector<std::vector<std::uint32_t>>> ids_;  // of each decoder's answers
};

}  // namespace

std::vector<std::string> answer_greedily(const Engine& engine,
                                         std::span<const GreedyPrompt> prompts,
                                         const GreedyOptions& options, Progress& progress) {
    if (!engine.tokenizer) throw UserError(engine.tokenizer_problem);
    const LanguagePass passes(engine, options.route);
    std::vector<std::string> answers(prompts.size());
    progress.start(prompts.size());
    std::vector<AskedBatch> batches = plan(*engine.tokenizer, prompts, options.batch_tokens);
    std::vector<BatchSize> sizes;
    for (const AskedBatch& batch : batches) {
        sizes.push_back(size_of(batch, *engine.model, options));
    }
    std::size_t next = 0;
    for (const std::size_t end : plan_chunks(engine, sizes, /*output=*/true)) {
        Answering together(*engine.tokenizer, options, progress, answers);
        for (; next < end; ++next) {
            ForwardPass forward = passes.pass_for(batches[next].language);
            together.add(std::move(batches[next]), std::move(forward));
        }
        together.run();
    }
    return answers;
}

}  // namespace alluvium
