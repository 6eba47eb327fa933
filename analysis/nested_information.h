#pragma once
// How much of what an expert says about the language is left once tokens of equal class, place and
// identity are compared.
//
//   R0 = I(expert; group)                  R2 = I(expert; group | class, position bin)
//   R1 = I(expert; group | class)          R3 = I(expert; group | class, position bin, token id)
//
// in nats, a token's k choices 1 / k each:
//
//   R = sum_s p(s) [H(e | s) - sum_g p(g | s) H(e | g, s)]
//
// Groups have equal tokens: the larger ones are thinned at random. (Weights would do the same for
// R, but not for its null: a permuted label has other tokens, hence other weights and another
// bias.) R3 looks only at strata with tokens of at least 2 groups and at least 20 tokens; `support`
// is their share of the tokens. Every R is reported minus its mean under the null: inside each
// stratum the labels of the (prompt, stratum) blocks are permuted, in all strata by one random
// order of the prompts, so that what ties the tokens of a prompt together stays tied. Range 0 ..
// log(groups); chance 0 after that. The interval of R3 is a jackknife over at most 20 bundles of
// units.
#include <cstdint>
#include <vector>

#include "analysis/depth_curve.h"
#include "analysis/layer_analysis.h"
#include "analysis/options.h"
#include "analysis/prompt_units.h"
#include "analysis/strata.h"
#include "analysis/token_traits.h"

namespace alluvium {

class NestedInformation {
  public:
    // `traits` must outlive it. `units`: of the prompts that `traits` holds, at least two groups.
    NestedInformation(const TokenTraits& traits, const PromptUnits& units, std::size_t layers,
                      bool include_special, std::uint64_t seed);

    // Layers in order; sets layer.information.
    void add_layer(const RoutingTrace& trace, std::size_t routed, LayerAnalysis& layer,
                   const Progress& progress);

    // After the last layer: the intervals of R3 and the verdict on what remains.
    Remainder finish(std::vector<LayerAnalysis>& layers);

  private:
    // Marks what counts: as many tokens of every group.
    void thin_groups(const PromptUnits& units, std::uint64_t seed);
    Grid<ExpertId> chosen(const RoutingTrace& trace, std::size_t routed,
                          const Progress& progress) const;
    void add_remainder(const LayerAnalysis& layer, const Progress& progress);

    const TokenTraits& traits_;
    bool include_special_;
    std::vector<std::uint8_t> counted_;  // one per token of the traits
    std::size_t groups_ = 0, present_ = 0;
    std::vector<Strata> levels_;  // R0 .. R3
    std::size_t bundles_ = 0;
    double support_ = 0;
    DepthCurve curve_;   // of R3 / log G, above its null
    Grid<double> null_;  // [draws, layers] of R3 / log G, without its mean
};

}  // namespace alluvium
