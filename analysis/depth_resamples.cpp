#include "analysis/depth_resamples.h"

#include "analysis/divergence.h"
#include "analysis/mutual_information.h"
#include "analysis/null_band.h"
#include "analysis/resampled_sums.h"
#include "analysis/resampling.h"
#include "analysis/share.h"

namespace alluvium {

namespace {

// Units dealt in turn into `most` bundles; nothing where they need not be.
PromptUnits bundled(const PromptUnits& units, std::size_t most) {
    if (!units.crossed || units.size() <= 2 * most) return {};
    PromptUnits bundles;
    bundles.labels = units.labels;
    bundles.groups = units.groups;
    bundles.crossed = true;
    bundles.prompts.resize(most);
    bundles.stratum.assign(most, 0);
    for (std::size_t u = 0; u < units.size(); ++u) {
        auto& prompts = bundles.prompts[u % most];
        prompts.insert(prompts.end(), units.prompts[u].begin(), units.prompts[u].end());
    }
    return bundles;
}

}  // namespace

DepthResamples::DepthResamples(const PromptUnits& units, std::size_t layers,
                               const AnalysisOptions& options, std::size_t most_left_out)
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
        bundles_ = bundled(units, most_left_out);
        const PromptUnits& left_out = bundles_.size() > 0 ? bundles_ : units_;
        curve_.without = Grid<double>(left_out.size(), layers);
        curve_.stratum = left_out.stratum;
    }
}

void DepthResamples::add_layer(const Grid<double>& rows, LayerAnalysis& layer,
                               const Progress& progress) {
    const std::size_t l = curve_.size();
    curve_.layers.push_back(layer.layer);
    curve_.value.push_back(layer.divergence.value);
    curve_.ceiling.push_back(layer.divergence.ceiling);
    const ResampledSums resampled(rows);
    resampled.relabelled(permuted_, units_.groups, [&](std::size_t b, const Grid<double>& sums) {
        progress.check();
        null_divergence_(b, l) = divergence(sums);
        if (counts_) null_information_(b, l) = raw_mutual_information(sums);
    });
    resampled.reweighted(units_.labels, resampled_, units_.groups,
                         [&](std::size_t b, const Grid<double>& sums) {
                             progress.check();
                             curve_.bootstrap(b, l) = divergence(sums);
                         });
    if (!curve_.without.empty()) {
        const std::vector<double> without =
            divergence_without_units(rows, bundles_.size() > 0 ? bundles_ : units_);
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
