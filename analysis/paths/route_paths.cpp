#include "analysis/paths/route_paths.h"

#include <algorithm>
#include <deque>
#include <numeric>

#include "analysis/null_band.h"
#include "analysis/paths/path_overlap.h"
#include "analysis/resampling.h"
#include "analysis/sample.h"
#include "analysis/token_traits.h"
#include "base/error.h"

namespace alluvium {
namespace {

// Best experts of the sample's tokens at one layer, in the order of its runs.
std::vector<ExpertId> best_experts(const RoutingTrace& trace, std::size_t routed,
                                   const TokenSelection& selection, Progress& progress) {
    std::vector<ExpertId> best;
    best.reserve(selection.census.selected);
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<ExpertId> experts = trace.experts(routed, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) {
                best.push_back(experts(t - range.begin, 0));
            }
        }
        progress.advance(range.size());
    });
    return best;
}

std::vector<PathToken> window_tokens(const std::deque<std::vector<ExpertId>>& layers,
                                     const std::vector<std::uint32_t>& prompts) {
    std::vector<PathToken> tokens;
    tokens.reserve(prompts.size());
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        PathToken token{.key = 0, .prompt = prompts[i]};
        bool complete = true;
        for (const std::vector<ExpertId>& best : layers) {
            complete = complete && best[i] != kMissingExpert;
            token.key = token.key << 16 | best[i];
        }
        if (complete) tokens.push_back(token);
    }
    return tokens;
}

std::vector<ExpertId> experts_of(PathKey key, std::size_t length) {
    std::vector<ExpertId> experts(length);
    for (std::size_t i = length; i-- > 0; key >>= 16) {
        experts[i] = static_cast<ExpertId>(key & 0xffff);
    }
    return experts;
}

// [paths] mean over the groups with tokens of their shares.
std::vector<double> mean_shares(const Grid<std::uint32_t>& counts,
                                const std::vector<std::uint64_t>& tokens) {
    std::vector<double> mean(counts.cols(), 0.0);
    const auto present =
        static_cast<double>(std::ranges::count_if(tokens, [](auto n) { return n > 0; }));
    for (std::size_t g = 0; g < counts.rows(); ++g) {
        if (tokens[g] == 0) continue;
        for (std::size_t p = 0; p < mean.size(); ++p) {
            mean[p] += counts(g, p) / static_cast<double>(tokens[g]) / present;
        }
    }
    return mean;
}

std::vector<FrequentPath> most_frequent(std::span<const std::uint32_t> counts, double tokens,
                                        const std::vector<double>& mean,
                                        const std::vector<PathKey>& keys,
                                        const PathOptions& options) {
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t most = std::min(options.most_frequent, order.size());
    const auto before = [&](std::size_t a, std::size_t b) {
        return counts[a] != counts[b] ? counts[a] > counts[b] : a < b;
    };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(),
                      before);
    std::vector<FrequentPath> paths;
    for (std::size_t i = 0; i < most && counts[order[i]] > 0; ++i) {
        const std::size_t p = order[i];
        const double share = counts[p] / tokens;
        paths.push_back({experts_of(keys[p], options.length), counts[p], share, share / mean[p]});
    }
    return paths;
}

void describe_groups(const PathCounts& counts, const Grid<std::uint32_t>& by_label,
                     const PathOptions& options, PathWindow& window) {
    for (std::size_t g = 0; g < by_label.rows(); ++g) {
        const auto row = by_label.row(g);
        window.tokens.push_back(std::accumulate(row.begin(), row.end(), std::uint64_t{0}));
        window.entropy.push_back(path_entropy(row));
    }
    const std::vector<double> mean = mean_shares(by_label, window.tokens);
    for (std::size_t g = 0; g < by_label.rows(); ++g) {
        window.frequent.push_back(most_frequent(
            by_label.row(g), static_cast<double>(window.tokens[g]), mean, counts.keys, options));
    }
}

void measure_overlap(const PathCounts& counts, const PromptUnits& units,
                     const Grid<std::int32_t>& permuted, const Progress& progress,
                     PathWindow& window) {
    window.overlap = mean_path_overlap(counts, units.labels, units.groups);
    if (permuted.empty()) return;
    std::vector<double> draws;
    for (std::size_t b = 0; b < permuted.rows(); ++b) {
        progress.check();
        draws.push_back(mean_path_overlap(counts, permuted.row(b), units.groups));
    }
    window.overlap_null =
        std::accumulate(draws.begin(), draws.end(), 0.0) / static_cast<double>(draws.size());
    window.overlap_null_p05 = lower_quantile(draws, 0.05);
}

// The layers of a window that ends at routed layer `last`, and the dense ones inside it.
PathWindow place_window(std::span<const RoutedLayerInfo> layers, std::size_t last,
                        std::size_t length) {
    PathWindow window;
    for (std::size_t l = last + 1 - length; l <= last; ++l) {
        if (!window.layers.empty()) {
            for (LayerId between = window.layers.back() + 1; between < layers[l].layer; ++between) {
                window.dense_between.push_back(between);
            }
        }
        window.layers.push_back(layers[l].layer);
    }
    return window;
}

// Leaves whole units of the sample.
void draw_units(const TraceHeader& header, std::uint64_t most_tokens, std::uint64_t seed,
                Sample& sample) {
    const std::vector<std::uint8_t> drawn = draw_prompts(sample, most_tokens, seed);
    TokenSelection& selection = sample.selection;
    TokenRuns left;
    for (const TokenRun& run : selection.runs) {
        if (drawn[run.prompt] != 0) left.add(run);
    }
    selection.runs = std::move(left);
    selection.census.selected = 0;
    for (std::size_t p = 0; p < drawn.size(); ++p) {
        if (drawn[p] == 0) selection.prompts[p].selected = 0;
        selection.census.selected += selection.prompts[p].selected;
    }
    sample.units = units_of(header.prompts, sample.grouping, drawn);
}

void check_trace(const RoutingTrace& trace, const PathOptions& options) {
    if (options.length < 2 || options.length > kLongestPath) {
        throw UserError("paths run through 2 to " + std::to_string(kLongestPath) + " layers, not " +
                        std::to_string(options.length));
    }
    if (trace.header().kind == TraceKind::counts) {
        throw UserError("the trace holds counts: no token's path is known");
    }
    for (const RoutedLayerInfo& info : trace.layers()) {
        if (info.has_experts) continue;
        throw UserError("the trace does not hold which experts were chosen at layer " +
                            std::to_string(info.layer),
                        "capture again with --record experts");
    }
}

std::vector<std::uint32_t> prompts_of(const TokenSelection& selection) {
    std::vector<std::uint32_t> prompts;
    prompts.reserve(selection.census.selected);
    for (const TokenRun& run : selection.runs) {
        prompts.insert(prompts.end(), run.end - run.begin, run.prompt);
    }
    return prompts;
}

}  // namespace

RoutePaths route_paths(const RoutingTrace& trace, const AnalysisOptions& options,
                       const PathOptions& paths, Progress& progress) {
    check_trace(trace, paths);
    const auto layers = trace.layers();
    progress.start(trace.header().token_count * (1 + layers.size()));
    Sample sample = take_sample(trace, options, progress);
    RoutePaths result;
    result.length = paths.length;
    result.groups = sample.grouping.labels;
    result.drawn = sample.selection.census.selected > paths.most_tokens;
    if (result.drawn) draw_units(trace.header(), paths.most_tokens, options.seed, sample);
    const PromptUnits& units = sample.units;
    if (layers.size() < paths.length) {
        result.missing["windows"] = std::to_string(layers.size()) + " routed layers: fewer than " +
                                    std::to_string(paths.length);
        return result;
    }
    Grid<std::int32_t> permuted;
    if (units.no_permutation.empty()) {
        permuted = permuted_labels(units, paths.permutations, options.seed);
    } else {
        result.missing["overlap.null"] = units.no_permutation;
    }
    const std::vector<std::uint32_t> prompts = prompts_of(sample.selection);
    std::deque<std::vector<ExpertId>> recent;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        recent.push_back(best_experts(trace, l, sample.selection, progress));
        if (recent.size() < paths.length) continue;
        PathWindow window = place_window(layers, l, paths.length);
        const PathCounts counts = count_paths(window_tokens(recent, prompts));
        const Grid<std::uint32_t> by_label = counts.by_label(units.labels, units.groups);
        describe_groups(counts, by_label, paths, window);
        measure_overlap(counts, units, permuted, progress, window);
        if (units.groups <= options.pairwise_limit)
            window.pairwise = pairwise_path_overlap(by_label);
        result.windows.push_back(std::move(window));
        recent.pop_front();
    }
    return result;
}

}  // namespace alluvium
