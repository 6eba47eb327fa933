#pragma once
// Tokens in strata of equal key, and how much the experts chosen inside a stratum say about the
// group: the arithmetic of analysis/nested_information.h.
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"
#include "base/ids.h"

namespace alluvium {

class Strata {
  public:
    // Parallel: one entry per token.
    struct Tokens {
        std::span<const std::uint64_t> key;
        std::span<const std::uint32_t> prompt;
        std::span<const std::int32_t> label;    // of the prompt, >= 0
        std::span<const std::uint32_t> bundle;  // of the prompt's unit
        std::size_t groups = 0;
    };
    // Which strata count: all, or those with tokens of at least `groups` groups and `tokens`
    // tokens.
    struct Support {
        std::size_t groups = 1;
        std::size_t tokens = 1;
    };
    Strata(const Tokens& tokens, const Support& support);

    // Labels of the blocks under the null, for every row of `orders` ([draws, prompts], the rank of
    // each prompt): inside each stratum the labels are dealt to its blocks in the order of rank.
    void permute(const Grid<std::uint32_t>& orders);

    // What follows is about this layer: [tokens, k], parallel to the tokens.
    void start_layer(const Grid<ExpertId>& chosen, std::size_t experts);

    // I(expert; group | stratum) in nats; every selection counts alike. Missing where no token has
    // a row.
    double observed() const { return information(label_, kNoBundle); }
    double permuted(std::size_t draw) const { return information(permuted_.row(draw), kNoBundle); }
    double without_bundle(std::size_t bundle) const { return information(label_, bundle); }

    std::size_t draws() const { return permuted_.rows(); }
    std::size_t tokens() const { return token_.size(); }

  private:
    static constexpr std::size_t kNoBundle = ~std::size_t{0};

    void add_blocks(const Tokens& tokens, std::span<const std::uint32_t> stratum);
    double information(std::span<const std::int32_t> label, std::size_t skipped) const;
    // What labels do not change: the sum over strata of n log n - sum_e n log n.
    struct Margins {
        double sum = 0;
        double selections = 0;
    };
    Margins margins(std::size_t skipped) const;
    // visit(block, chosen) for every token with a row, of blocks that are not skipped.
    template <typename Visit>
    void for_tokens(std::size_t stratum, std::size_t skipped, Visit visit) const;

    std::size_t groups_ = 0;
    std::vector<std::uint32_t> token_;            // by stratum, then prompt
    std::vector<std::uint32_t> block_begin_;      // [blocks + 1] into token_
    std::vector<std::uint32_t> stratum_begin_;    // [strata + 1] into blocks
    std::vector<std::int32_t> label_;             // [blocks]
    std::vector<std::uint32_t> prompt_, bundle_;  // [blocks]
    Grid<std::int32_t> permuted_;                 // [draws, blocks]

    Grid<ExpertId> ordered_;  // of the layer, by stratum
    std::size_t experts_ = 0;
    Margins margins_;  // of all blocks
};

}  // namespace alluvium
