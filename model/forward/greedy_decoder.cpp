#include "model/forward/greedy_decoder.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <limits>
#include <numeric>

#include <ATen/ATen.h>

#include "model/forward/model.h"

namespace alluvium {
namespace {

// The most likely token after given rows of a batch; passes on what it sees.
class NextTokens : public RoutingObserver {
  public:
    // `rows` ascending.
    NextTokens(std::vector<std::int64_t> rows, std::int64_t never, RoutingObserver* other)
        : rows_(std::move(rows)), never_(never), other_(other) {}

    const std::vector<std::int64_t>& ids() const { return ids_; }

    bool wants_hidden() const override { return other_ != nullptr && other_->wants_hidden(); }
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch& batch) override {
        if (other_ != nullptr) other_->on_routed(batch);
    }
    void on_hidden(LayerId layer, const at::Tensor& hidden) override {
        if (other_ != nullptr) other_->on_hidden(layer, hidden);
    }
    void on_output(std::int64_t first_row, const at::Tensor& logits) override {
        if (other_ != nullptr && other_->wants_output()) other_->on_output(first_row, logits);
        while (ids_.size() < rows_.size()) {
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
    RoutingObserver* other_;
    std::vector<std::int64_t> ids_;
};

}  // namespace

GreedyDecoder::GreedyDecoder(ForwardPass forward, std::vector<std::vector<std::int64_t>> prompts,
                             GreedyDecoding decoding)
    : forward_(std::move(forward)),
      languages_(std::move(decoding.languages)),
      ids_(std::move(prompts)),
      alive_(ids_.size()) {
    std::iota(alive_.begin(), alive_.end(), std::size_t{0});
    assert(std::ranges::none_of(ids_, &std::vector<std::int64_t>::empty));
    for (std::size_t p = 0; decoding.remember && p < ids_.size(); ++p) {
        memories_.push_back(std::make_unique<PromptMemory>(forward_.model().spec()));
    }
    make_batch();
}

void GreedyDecoder::make_batch() {
    batch_ = {};
    for (const std::size_t prompt : alive_) {
        const std::vector<std::int64_t>& ids = ids_[prompt];
        std::int64_t past = 0;
        if (!memories_.empty()) {
            PromptMemory& memory = *memories_[prompt];
            const std::int64_t more = std::ssize(ids) - memory.tokens();
            if (!memory.can_grow(forward_.model().spec(), more)) memory.clear();
            past = memory.tokens();
        }
        batch_.append({ids.begin() + past, ids.end()});
        batch_.past.push_back(past);
        if (!languages_.empty()) batch_.languages.push_back(languages_[prompt]);
    }
}

// Of each prompt that goes on.
std::vector<std::int64_t> GreedyDecoder::last_rows() const {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < alive_.size(); ++i) rows.push_back(batch_.end(i) - 1);
    return rows;
}

// Of each prompt that goes on; none where nothing is remembered.
std::vector<PromptMemory*> GreedyDecoder::memories() const {
    std::vector<PromptMemory*> memories;
    if (memories_.empty()) return memories;
    for (const std::size_t prompt : alive_) memories.push_back(memories_[prompt].get());
    return memories;
}

std::vector<std::int64_t> GreedyDecoder::next(std::int64_t never, RoutingObserver* observer,
                                              const Progress& progress) {
    NextTokens tokens(last_rows(), never, observer);
    const std::vector<PromptMemory*> own = memories();
    forward_.run(batch_, own, tokens, progress);
    return tokens.ids();
}

std::vector<std::vector<std::int64_t>> GreedyDecoder::next_of_all(std::span<GreedyDecoder> decoders,
                                                                  std::int64_t never,
                                                                  const Progress& progress) {
    std::deque<NextTokens> tokens;
    std::deque<std::vector<PromptMemory*>> memories;
    std::vector<WatchedBatch> watched;
    for (const GreedyDecoder& decoder : decoders) {
        watched.push_back({decoder.batch_, tokens.emplace_back(decoder.last_rows(), never, nullptr),
                           memories.emplace_back(decoder.memories()), &decoder.forward_});
    }
    if (!decoders.empty()) decoders.front().forward_.run(watched, progress);
    std::vector<std::vector<std::int64_t>> next;
    for (const NextTokens& own : tokens) next.push_back(own.ids());
    return next;
}

void GreedyDecoder::go_on(std::span<const std::int64_t> next,
                          const std::function<bool(std::size_t)>& stays) {
    std::vector<std::size_t> staying;
    for (std::size_t i = 0; i < alive_.size(); ++i) {
        const std::size_t prompt = alive_[i];
        ids_[prompt].push_back(next[i]);
        if (stays(i)) {
            staying.push_back(prompt);
        } else if (!memories_.empty()) {
            memories_[prompt].reset();
        }
    }
    alive_ = std::move(staying);
    make_batch();
}

}  // namespace alluvium
