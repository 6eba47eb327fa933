#pragma once
// How much the chosen experts change, span by span and layer by layer, where one thing of a text is
// changed.
//
// Of a token that both texts have (the same bytes at the same place of an equal word, the same id)
// the change is 1 - |S_a n S_b| / k: the share of the chosen experts that are others. Of a span it
// is the mean over such tokens. Words that differ have none; of these it is 1 - sum_e min(p_a(e),
// p_b(e)) of the shares of selections p in the span, which is the same for one token on each side.
//
// The floor is the same measure between the first text and itself after edits that leave every word
// as it is (pair_prompts.h). A change is beyond the floor where it is larger than under all of
// them: with n edits, by chance in 1 / (n + 1) of the cells.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/estimate.h"
#include "analysis/pairs/pair_prompts.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct PairSpan {
    std::string a, b;      // the words on both sides; one may be empty
    bool changed = false;  // the words differ
    bool before = false;   // all its tokens stand before the first that differs
    std::size_t tokens_a = 0, tokens_b = 0;
    std::size_t aligned = 0;  // tokens that both sides have
};

struct SpanChange {
    double change = kMissing;  // 0..1
    double floor_mean = kMissing,
           floor_max = kMissing;  // over neutral edits; missing: none applies
    std::size_t controls = 0;     // neutral edits that could be compared
    std::size_t at_least = 0;     // of these, that changed as much or more

    bool beyond_floor() const { return controls > 0 && change > floor_max; }
};

struct PairLayer {
    LayerId layer = 0;
    std::uint32_t experts = 0, top_k = 0;
    double unrelated = kMissing;      // change between choices at random: 1 - k / E
    std::vector<SpanChange> spans{};  // parallel to MinimalPair::spans
    SpanChange after{};               // all aligned tokens behind the first change
};

struct MinimalPair {
    std::string path;
    ModelInfo model;
    PairTexts texts;
    std::vector<PairSpan> spans{};
    std::vector<PairLayer> layers{};
    SpanChange after{};                // mean over layers
    std::size_t tokens_before = 0;     // the tokens at the start that are the same in both texts
    std::size_t tokens_after = 0;      // aligned tokens behind the first change
    std::uint64_t unequal_before = 0;  // choices before the change that differ: 0 in a causal model
    std::size_t neutral_edits = 0;
    std::string sentence{};
};

// Of a trace of pair_prompts(). UserError where it has no such prompts or no routing.
MinimalPair minimal_pair(const RoutingTrace& trace, const Progress& progress);

}  // namespace alluvium
