#include "model/evaluate/greedy.h"

#include <algorithm>
#include <limits>

#include <ATen/ATen.h>

#include "base/error.h"

namespace alluvium {
namespace {

// The most likely token after given rows of a batch.
class NextTokens : public RoutingObserver {
  public:
    // `rows` ascending; `never`: an id that is not to be chosen, -1: none.
    NextTokens(std::vector<std::int64_t> rows, std::int64_t never)
        : rows_(std::move(rows)), never_(never) {}

    const std::vector<std::int64_t>& ids() const { return ids_; }

    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_output(std::int64_t first_row, const at::Tensor& logits) override {
        for (; ids_.size() < rows_.size();) {
            const std::int64_t row = rows_[ids_.size()] - first_row;
            if (row >= logits.size(0)) return;
            at::Tensor scores = logits.select(0, row);
            if (never_ >= 0) {
                scores = scores.clone();
                scores[never_] = -std::numeric_limits<double>::infinity();
            }
            ids_.push_back(scores.argmax().item<std::int64_t>());
        }
    }

  private:
    std::vector<std::int64_t> rows_;
    std::int64_t never_;
    std::vector<std::int64_t> ids_;
};

struct Unfinished {
    std::size_t prompt = 0;
    std::vector<std::int64_t> ids;      // prompt and answer so far
    std::vector<std::uint32_t> answer;  // so far
};

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

// Answers of prompts in one language.
class Answerer {
  public:
    Answerer(const Engine& engine, ForwardPass forward, const GreedyOptions& options)
        : tokenizer_(*engine.tokenizer), forward_(std::move(forward)), options_(options) {
        if (const auto eos = tokenizer_.eos()) eos_ = *eos;
    }

    // Some of them at a time, all of one step of length.
    void run(std::vector<Unfinished> texts, std::vector<std::string>& answers,
             Progress& progress) const {
        for (std::int64_t step = 0; !texts.empty(); ++step) {
            add_a_token(texts, step < options_.min_new_tokens, progress);
            const auto finished = [&](const Unfinished& text) {
                const bool ended = text.ids.back() == eos_;
                const std::string words = tokenizer_.decode(text.answer);
                if (!ended && step + 1 < options_.max_new_tokens && !options_.enough(words)) {
                    return false;
                }
                answers[text.prompt] = words;
                progress.advance();
                return true;
            };
            std::erase_if(texts, finished);
        }
    }

  private:
    void add_a_token(std::vector<Unfinished>& texts, bool too_early,
                     const Progress& progress) const {
        TokenBatch batch;
        std::vector<std::int64_t> rows;
        for (const Unfinished& text : texts) {
            batch.append(text.ids);
            rows.push_back(batch.tokens() - 1);
        }
        NextTokens next(std::move(rows), too_early ? eos_ : -1);
        forward_.run(batch, next, progress);
        for (std::size_t t = 0; t < texts.size(); ++t) {
            const std::int64_t id = next.ids()[t];
            texts[t].ids.push_back(id);
            if (id != eos_) texts[t].answer.push_back(static_cast<std::uint32_t>(id));
        }
    }

    const Tokenizer& tokenizer_;
    ForwardPass forward_;
    const GreedyOptions& options_;
    std::int64_t eos_ = -1;
};

}  // namespace

std::vector<std::string> answer_greedily(const Engine& engine,
                                         std::span<const GreedyPrompt> prompts,
                                         const GreedyOptions& options, Progress& progress) {
    if (!engine.tokenizer) throw UserError(engine.tokenizer_problem);
    const LanguagePass passes(engine, options.route);
    std::vector<std::string> answers(prompts.size());
    progress.start(prompts.size());
    for (std::size_t first = 0; first < prompts.size();) {
        std::vector<Unfinished> texts;
        std::uint64_t tokens = 0;
        std::size_t next = first;
        for (; next < prompts.size() && prompts[next].language == prompts[first].language; ++next) {
            Unfinished text{next, prompt_ids(*engine.tokenizer, prompts[next]), {}};
            if (!texts.empty() && tokens + text.ids.size() > options.batch_tokens) break;
            tokens += text.ids.size();
            texts.push_back(std::move(text));
        }
        Answerer(engine, passes.pass_for(prompts[first].language), options)
            .run(std::move(texts), answers, progress);
        first = next;
    }
    return answers;
}

}  // namespace alluvium
