#pragma once
// One layer's routing per prompt, counted over changed sets of tokens.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/options.h"
#include "analysis/token_traits.h"
#include "base/grid.h"

namespace alluvium {

enum class TokenVariant : std::uint8_t {
    other_weighting,  // by mass where the analysis counts, and the other way round
    other_special,    // with special tokens where the analysis leaves them out, and vice versa
    words,            // no digits, punctuation or parts of characters
    shared_ids,       // token ids that several groups use
    rarefied,         // groups thinned at random to the size of the smallest
    positions,        // weighted so that every group has the same tokens per position bin
};
inline constexpr std::size_t kTokenVariants = 6;

class TokenRows {
  public:
    // `labels`: [prompts], -1: not in the sample. Both must outlive it.
    TokenRows(const TokenTraits& traits, const std::vector<std::int32_t>& labels,
              std::size_t groups, const AnalysisOptions& options);

    // Why a variant would be the analysis itself, or nothing; empty: it is of use.
    const std::string& absent(TokenVariant variant) const { return absent_[index(variant)]; }
    void leave_out(TokenVariant variant, std::string why) { absent_[index(variant)] = why; }

    // [prompts] 1: some token of the prompt counts in the variant.
    std::vector<std::uint8_t> prompts(TokenVariant variant) const;
    bool by_mass() const { return by_mass_; }
    bool include_special() const { return include_special_; }

    // [prompts, E] for every variant that is of use; empty grids for the rest.
    std::vector<Grid<double>> count(const RoutingTrace& trace, std::size_t routed,
                                    Progress& progress) const;

    static std::size_t index(TokenVariant variant) { return static_cast<std::size_t>(variant); }

  private:
    void mark_basic();
    void mark_shared_ids();
    void mark_rarefied(std::uint64_t seed);
    void weigh_positions();
    bool has(std::size_t row, TokenVariant variant) const {
        return (marks_[row] >> index(variant) & 1u) != 0;
    }
    void mark(std::size_t row, TokenVariant variant) {
        marks_[row] = static_cast<std::uint8_t>(marks_[row] | 1u << index(variant));
    }
    std::int32_t label(std::size_t row) const { return labels_[traits_.prompt[row]]; }

    const TokenTraits& traits_;
    const std::vector<std::int32_t>& labels_;
    std::size_t groups_;
    bool by_mass_;
    bool include_special_;
    std::vector<std::uint8_t> counted_;  // 1: a token of the analysis itself
    std::vector<std::uint8_t> marks_;    // a bit per variant
    std::vector<float> position_weight_;
    std::array<std::string, kTokenVariants> absent_;
};

}  // namespace alluvium
