#pragma once
// Divergence at every layer, as observed and on every changed sample: what intervals, null band,
// noise floor and verdict are made from. Changes are drawn once for all layers.
#include <cstdint>
#include <vector>

#include "analysis/depth_curve.h"
#include "analysis/layer_analysis.h"
#include "analysis/noise_floor.h"
#include "analysis/options.h"
#include "analysis/prompt_units.h"
#include "base/progress.h"

namespace alluvium {

class DepthResamples {
  public:
    // `most_left_out`: where more units than twice as many form one stratum, the jackknife leaves
    // out bundles of them, so many in all (delete-a-group, Kott 2001).
    DepthResamples(const PromptUnits& units, std::size_t layers, const AnalysisOptions& options,
                   std::size_t most_left_out = kEveryUnit);
    static constexpr std::size_t kEveryUnit = ~std::size_t{0} / 2;

    // Layers in order, bottom up; `rows`: [prompts, E] of the layer. Sets its noise floor.
    void add_layer(const Grid<double>& rows, LayerAnalysis& layer, const Progress& progress);

    // After the last layer: null, band and intervals of every layer.
    void finish(std::vector<LayerAnalysis>& layers);

    // After finish().
    const DepthCurve& curve() const { return curve_; }
    // What was drawn, [draws, prompts], and D of every permutation, [draws, layers]; empty: none.
    const Grid<std::int32_t>& permuted() const { return permuted_; }
    const Grid<std::uint16_t>& resampled() const { return resampled_; }
    const Grid<double>& null_divergence() const { return null_divergence_; }
    // Why there is no noise floor; empty: there is.
    const std::string& no_noise_floor() const { return noise_.missing; }

  private:
    void add_null(std::vector<LayerAnalysis>& layers);
    void add_interval(std::size_t l, Divergence& divergence) const;

    const PromptUnits& units_;
    PromptUnits bundles_;            // what the jackknife leaves out; empty: units_
    Grid<std::int32_t> permuted_;    // [draws, prompts]; empty: no null
    Grid<std::uint16_t> resampled_;  // [draws, prompts]; empty: no interval
    NoiseSplits noise_;
    Grid<double> null_divergence_;  // [draws, layers]
    Grid<double> null_information_;
    bool counts_;  // rows are counts, so that their mutual information means something
    DepthCurve curve_;
};

}  // namespace alluvium
