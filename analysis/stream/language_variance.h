#pragma once
// How much of what distinguishes prompts in the residual stream is their language: the intraclass
// correlation of the prompts' vectors (analysis of variance with the label as a random effect,
// Shrout and Fleiss 1979, ICC(1), with squared distances for squares):
//
//   within  = sum_g sum_p |x_p - m_g|^2 / (N - G)
//   between = (sum_g n_g |m_g - m|^2 / (G - 1) - within) / n0
//   n0      = (N - sum_g n_g^2 / N) / (G - 1)
//   share   = between / (between + within)
//
// 1: prompts of a language coincide and languages do not; chance 0, around which it is unbiased, so
// it can be slightly negative. Neither a common offset nor a common factor changes it.
//
// It stands for "1 - mean cosine of the languages' means without the common mean": those vectors
// add up to zero, so where languages lie equally far out their mean cosine is -1 / (G - 1) however
// far that is.
#include <span>
#include <vector>

#include "analysis/stream/stream_rows.h"

namespace alluvium {

class LanguageVariance {
  public:
    // `sample` must outlive it.
    explicit LanguageVariance(const StreamRows& sample);

    // Missing for fewer than two labels or no label with two prompts.
    double share() const;
    // The same without some prompts.
    double share_without(std::span<const std::uint32_t> prompts) const;

  private:
    struct Sums {
        std::vector<double> count;   // [G]
        std::vector<double> square;  // [G] |sum of the label's vectors|^2
        double total = 0;            // |sum of all|^2
        double squares = 0;          // sum of |x|^2
    };
    static double share_of(const Sums& sums);
    std::vector<double> centred(std::size_t prompt) const;

    StreamRows sample_;
    std::vector<double> mean_;  // [H] of all, taken out first so that no digits are lost
    Grid<double> by_label_;     // [G, H]
    std::vector<double> all_;   // [H]
    Sums sums_;
};

}  // namespace alluvium
