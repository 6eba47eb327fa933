#include "analysis/depth_resamples.h"

#include "analysis/divergence.h"
#include "analysis/mutual_information.h"
#include "analysis/null_band.h"
#include "analysis/resampling.h"
#include "analysis/share.h"

namespace alluvium {

DepthResamples::DepthResamples(const PromptUnits& units, std::size_t layers,
                               const AnalysisOptions& options)
    : units_(units),
      noise_(deal_noise_splits(units, options.noise_splits, options.seed)),
      counts_(options.weighting == Weighting::count) {
    if (units.no_permutation.empty()) {
        permuted_ = permuted_labels(units, options.permutations, options.seed);
        null_divergence_ = Grid<double>(permuted_.rows(), layers);
        null_information_ = Grid<double>(permuted_.rows(), layers);
    }
    if (units.no_interval.empty()) {
        resampled_ = bootstrap_weights(units, options.bootstraps, options.seed);
        curve_.bootstrap = Grid<double>(resampled_.rows(), layers);
        curve_.without = Grid<double>(units.size(), layers);
        curve_.stratum = units.stratum;
    }
}

void DepthResamples::add_layer(const Grid<double>& rows, LayerAnalysis& layer,
                               const Progress& progress) {
    const std::size_t l = curve_.size();
    curve_.layers.push_back(layer.layer);
    curve_.value.push_back(layer.divergence.value);
    curve_.ceiling.push_back(layer.divergence.ceiling);
    for (std::size_t b = 0; b < permuted_.rows(); ++b) {
        progress.check();
        const Grid<double> sums = sum_by_label(rows, permuted_.row(b), units_.groups);
        null_divergence_(b, l) = divergence(sums);
        if (counts_) null_information_(b, l) = raw_mutual_information(sums);
    }
    for (std::size_t b = 0; b < resampled_.rows(); ++b) {
        progress.check();
        const Grid<double> sums =
            weighted_sums(rows, units_.labels, resampled_.row(b), units_.groups);
        curve_.bootstrap(b, l) = divergence(sums);
    }
    if (!curve_.without.empty()) {
        const std::vector<double> without = divergence_without_units(rows, units_);
        for (std::size_t u = 0; u < without.size(); ++u) curve_.without(u, l) = without[u];
    }
    layer.noise_floor = noise_floor(rows, noise_);
}

void DepthResamples::finish(std::vector<LayerAnalysis>& layers) {
    if (!permuted_.empty()) add_null(layers);
    for (std::size_t l = 0; l < layers.size(); ++l) add_interval(l, layers[l].divergence);
}

void DepthResamples::add_null(std::vector<LayerAnalysis>& layers) {
    const std::vector<NullBand> divergence = null_bands(null_divergence_);
    const std::vector<NullBand> information = null_bands(null_information_);
    for (std::size_t l = 0; l < layers.size(); ++l) {
        layers[l].divergence.null_mean = divergence[l].mean;
        layers[l].divergence.null_p95 = divergence[l].p95;
        layers[l].divergence.band = divergence[l].band;
        curve_.band.push_back(divergence[l].band);
        if (!counts_) continue;
        layers[l].mutual_information.null_mean = information[l].mean;
        layers[l].mutual_information.null_p95 = information[l].p95;
    }
}

void DepthResamples::add_interval(std::size_t l, Divergence& divergence) const {
    const Estimate estimate = curve_.corrected(l).interval();
    divergence.corrected = estimate.value;
    divergence.low = estimate.low;
    divergence.high = estimate.high;
    if (!curve_.comparable(l)) return;
    divergence.relative = estimate.value / divergence.ceiling;
    divergence.relative_low = estimate.low / divergence.ceiling;
    divergence.relative_high = estimate.high / divergence.ceiling;
}

}  // namespace alluvium
