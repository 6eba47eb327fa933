#pragma once
// Goes on with prompts, the most likely token at a time:
//
//     GreedyDecoder decoder(forward, prompts);
//     while (!decoder.prompts().empty()) {
//         const std::vector<std::int64_t> next = decoder.next(-1, nullptr, progress);
//         decoder.go_on(next, [&](std::size_t i) { return keep_going(i, next[i]); });
//     }
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/forward/forward_pass.h"
#include "model/forward/prompt_memory.h"

namespace alluvium {

struct GreedyDecoding {
    // Without it every step computes the whole texts anew: the same tokens but for the rounding of
    // nearly equal logits, slower.
    bool remember = true;
    std::vector<std::string> languages{};  // of the prompts, for batch(); or empty
};

class GreedyDecoder {
  public:
    // Prompts of at least one token each.
    GreedyDecoder(ForwardPass forward, std::vector<std::vector<std::int64_t>> prompts,
                  GreedyDecoding decoding = {});

    // The prompts, by their number at the start, that still go on: those of batch(), in its order.
    const std::vector<std::size_t>& prompts() const { return alive_; }
    // What the next step computes: whole prompts at first, then what is not remembered of them.
    const TokenBatch& batch() const { return batch_; }

    // The most likely token after each of prompts(), ties to the lower id; `never` is not chosen
    // (-1: none). `observer`, where there is one, sees the pass. Throws as ForwardPass.
    std::vector<std::int64_t> next(std::int64_t never, RoutingObserver* observer,
                                   const Progress& progress);

    // next() of several decoders of one model, all of them through a layer before the next: the
    // same tokens as one decoder after the other. [decoders][prompts()]
    static std::vector<std::vector<std::int64_t>> next_of_all(std::span<GreedyDecoder> decoders,
                                                              std::int64_t never,
                                                              const Progress& progress);

    // Each of prompts() gets its next token; those for which `stays` (by place in prompts()) is
    // false end there.
    void go_on(std::span<const std::int64_t> next, const std::function<bool(std::size_t)>& stays);

  private:
    void make_batch();
    std::vector<std::int64_t> last_rows() const;
    std::vector<PromptMemory*> memories() const;

    ForwardPass forward_;
    std::vector<std::string> languages_;
    std::vector<std::vector<std::int64_t>> ids_;           // of all prompts, with what was added
    std::vector<std::unique_ptr<PromptMemory>> memories_;  // likewise; none: nothing is remembered
    std::vector<std::size_t> alive_;
    TokenBatch batch_;
};

}  // namespace alluvium
