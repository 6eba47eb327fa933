#include "analysis/nested_information.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "analysis/divergence.h"
#include "analysis/null_band.h"
#include "analysis/seeded_random.h"

namespace alluvium {
namespace {

// The mean of a null needs few draws. The band of R3 is the widest that its draws resolve: strata
// are not perfectly equal, since places differ inside a bin, and that must not pass for language.
constexpr std::size_t kMeanDraws = 12;
constexpr std::size_t kBandDraws = 39;
constexpr double kBandLevel = 0.975;
constexpr std::size_t kMostBundles = 20;
constexpr Strata::Support kSupport{.groups = 2, .tokens = 20};
// Below this share of the tokens nothing is said about the rest.
constexpr double kLeastSupport = 0.2;

// [prompts] units dealt into bundles, each label's units evenly.
std::vector<std::uint32_t> deal_bundles(const PromptUnits& units, std::size_t& bundles) {
    std::vector<std::size_t> size;
    for (const std::int32_t s : units.stratum) {
        size.resize(std::max(size.size(), static_cast<std::size_t>(s) + 1), 0);
        ++size[static_cast<std::size_t>(s)];
    }
    bundles =
        size.empty() ? 0 : std::min(kMostBundles, *std::min_element(size.begin(), size.end()));
    std::vector<std::uint32_t> bundle(units.labels.size(), 0);
    std::vector<std::size_t> next(size.size(), 0);
    for (std::size_t u = 0; u < units.size(); ++u) {
        const std::size_t at = next[static_cast<std::size_t>(units.stratum[u])]++;
        for (const std::uint32_t p : units.prompts[u]) {
            bundle[p] = static_cast<std::uint32_t>(at % std::max<std::size_t>(bundles, 1));
        }
    }
    return bundle;
}

// [draws, prompts] the prompts' places in a random order.
Grid<std::uint32_t> random_orders(std::size_t prompts, std::size_t draws, std::uint64_t seed) {
    SeededRandom random(seed, "nested information");
    Grid<std::uint32_t> orders(draws, prompts);
    for (std::size_t d = 0; d < draws; ++d) {
        std::iota(orders.row(d).begin(), orders.row(d).end(), 0u);
        random.shuffle(orders.row(d));
    }
    return orders;
}

double mean_of(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double above_null(const Strata& strata) {
    std::vector<double> null(strata.draws());
    for (std::size_t d = 0; d < null.size(); ++d) null[d] = strata.permuted(d);
    return strata.observed() - mean_of(null);
}

}  // namespace

NestedInformation::NestedInformation(const TokenTraits& traits, const PromptUnits& units,
                                     std::size_t layers, bool include_special, std::uint64_t seed)
    : traits_(traits), include_special_(include_special), counted_(traits.size(), 0) {
    const std::vector<std::uint32_t> bundle_of = deal_bundles(units, bundles_);
    thin_groups(units, seed);
    std::vector<std::uint32_t> prompt, bundle;
    std::vector<std::int32_t> label;
    std::array<std::vector<std::uint64_t>, 4> keys;
    for (std::size_t i = 0; i < traits.size(); ++i) {
        if (counted_[i] == 0) continue;
        const std::uint32_t p = traits.prompt[i];
        prompt.push_back(p);
        label.push_back(units.labels[p]);
        bundle.push_back(bundle_of[p]);
        const auto kind = static_cast<std::uint64_t>(traits.kind[i]);
        const std::uint64_t place = kind | std::uint64_t{position_bin(traits.position[i])} << 8;
        keys[0].push_back(0);
        keys[1].push_back(kind);
        keys[2].push_back(place);
        keys[3].push_back(place | std::uint64_t{traits.id[i]} << 16);
    }
    groups_ = units.groups;
    present_ = units.present;
    const Grid<std::uint32_t> orders = random_orders(units.labels.size(), kBandDraws, seed);
    Grid<std::uint32_t> few(kMeanDraws, orders.cols());
    std::copy_n(orders.values().begin(), few.values().size(), few.values().begin());
    for (std::size_t level = 0; level < keys.size(); ++level) {
        const Strata::Tokens tokens{keys[level], prompt, label, bundle, groups_};
        const bool identity = level == 3;
        levels_.emplace_back(tokens, identity ? kSupport : Strata::Support{});
        levels_.back().permute(identity ? orders : few);
    }
    support_ = prompt.empty() ? 0
                              : static_cast<double>(levels_.back().tokens()) /
                                    static_cast<double>(prompt.size());
    null_ = Grid<double>(kBandDraws, layers);
    if (bundles_ >= 2) {
        curve_.without = Grid<double>(bundles_, layers);
        curve_.stratum.assign(bundles_, 0);
    }
}

void NestedInformation::thin_groups(const PromptUnits& units, std::uint64_t seed) {
    const auto group_of = [&](std::size_t i) {
        return static_cast<std::size_t>(units.labels[traits_.prompt[i]]);
    };
    std::vector<std::uint64_t> tokens(units.groups, 0);
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        counted_[i] = include_special_ || traits_.kind[i] != TokenClass::special;
        tokens[group_of(i)] += counted_[i];
    }
    std::uint64_t fewest = ~std::uint64_t{0};
    for (const std::uint64_t n : tokens) fewest = n > 0 ? std::min(fewest, n) : fewest;
    SeededRandom random(seed, "equal tokens");
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (counted_[i] != 0) counted_[i] = random.below(tokens[group_of(i)]) < fewest;
    }
}

Grid<ExpertId> NestedInformation::chosen(const RoutingTrace& trace, std::size_t routed,
                                         const Progress& progress) const {
    const std::size_t top_k = trace.layers()[routed].top_k;
    std::vector<ExpertId> values;
    std::size_t i = 0, rows = 0;
    visit_blocks(traits_.selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<ExpertId> experts = trace.experts(routed, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t, ++i) {
                if (counted_[i] == 0) continue;
                const auto row = experts.row(t - range.begin);
                values.insert(values.end(), row.begin(), row.end());
                ++rows;
            }
        }
    });
    return {rows, top_k, std::move(values)};
}

void NestedInformation::add_layer(const RoutingTrace& trace, std::size_t routed,
                                  LayerAnalysis& layer, const Progress& progress) {
    const Grid<ExpertId> experts = chosen(trace, routed, progress);
    for (Strata& strata : levels_) strata.start_layer(experts, layer.experts);
    Information& information = layer.information;
    information.support = support_;
    information.r0 = above_null(levels_[0]);
    information.r1 = above_null(levels_[1]);
    information.r2 = above_null(levels_[2]);
    add_remainder(layer, progress);
}

void NestedInformation::add_remainder(const LayerAnalysis& layer, const Progress& progress) {
    const std::size_t l = curve_.size();
    const Strata& strata = levels_.back();
    const double scale = std::log(static_cast<double>(present_));
    double null_mean = 0;
    for (std::size_t d = 0; d < null_.rows(); ++d) {
        progress.check();
        null_(d, l) = strata.permuted(d) / scale;
        null_mean += null_(d, l) / static_cast<double>(null_.rows());
    }
    for (std::size_t d = 0; d < null_.rows(); ++d) null_(d, l) -= null_mean;
    curve_.layers.push_back(layer.layer);
    curve_.value.push_back(strata.observed() / scale - null_mean);
    curve_.ceiling.push_back(divergence_ceiling(layer.experts, layer.top_k, present_));
    std::vector<double> without(curve_.without.rows());
    for (std::size_t b = 0; b < without.size(); ++b) without[b] = strata.without_bundle(b) / scale;
    // The null has taken the bias out, so the jackknife must not: it gives the spread alone.
    const double shift = without.empty() ? 0 : curve_.value[l] - mean_of(without);
    for (std::size_t b = 0; b < without.size(); ++b) curve_.without(b, l) = without[b] + shift;
}

Remainder NestedInformation::finish(std::vector<LayerAnalysis>& layers) {
    const double scale = std::log(static_cast<double>(present_));
    const std::vector<NullBand> bands = null_bands(null_, kBandLevel);
    for (std::size_t l = 0; l < layers.size(); ++l) {
        curve_.band.push_back(bands[l].band);
        const Estimate e = curve_.corrected(l).interval();
        layers[l].information.r3 = {curve_.value[l] * scale, e.low * scale, e.high * scale};
    }
    const Verdict verdict = judge(curve_);
    Remainder remainder{verdict.pattern, support_, verdict.d_late, verdict.d_early};
    if (support_ < kLeastSupport) remainder.pattern = Pattern::unsupported;
    return remainder;
}

}  // namespace alluvium
