#include <algorithm>
#include <cmath>

#include "analysis/agreement.h"
#include "analysis/class_split_trace.h"
#include "analysis/comparison.h"
#include "analysis/divergence.h"
#include "analysis/jackknife.h"
#include "analysis/matching.h"
#include "analysis/number_text.h"
#include "analysis/prompt_counts.h"
#include "analysis/resampling.h"
#include "analysis/share.h"
#include "base/error.h"
#include "captures/generated_text.h"

namespace alluvium {
namespace {

void require_same_layers(const RoutingTrace& a, const RoutingTrace& b) {
    const auto la = a.layers(), lb = b.layers();
    const auto same = [](const RoutedLayerInfo& x, const RoutedLayerInfo& y) {
        return x.layer == y.layer && x.experts == y.experts && x.top_k == y.top_k;
    };
    if (std::equal(la.begin(), la.end(), lb.begin(), lb.end(), same)) return;
    const auto text = [](std::span<const RoutedLayerInfo> layers) {
        if (layers.empty()) return std::string("no routed layer");
        return std::to_string(layers.size()) + " routed layers of " +
               std::to_string(layers.front().experts) + " experts, top " +
               std::to_string(layers.front().top_k);
    };
    throw UserError("the checkpoints route differently: " + text(la) + " against " + text(lb),
                    "experts can be compared where layers, experts and top-k are the same");
}

// Whether expert 3 of one may be taken for expert 3 of the other.
bool share_lineage(const ModelInfo& a, const ModelInfo& b) {
    if (!a.checkpoint_id.empty() && a.checkpoint_id == b.checkpoint_id) return true;
    return !a.lineage.empty() && a.lineage == b.lineage;
}

double share(double part, std::uint64_t whole) {
    return whole > 0 ? part / static_cast<double>(whole) : kMissing;
}

ExpertMatching match(const LayerAgreement& layer, std::size_t top_k) {
    ExpertMatching result;
    if (layer.together_tokens == 0) return result;
    const auto score = [&](const Grid<double>& pairs, const std::vector<std::uint32_t>& partner) {
        double kept = 0;
        for (std::size_t e = 0; e < partner.size(); ++e) kept += pairs(e, partner[e]);
        return kept / static_cast<double>(layer.together_tokens * top_k);
    };
    result.partner = best_assignment(layer.together);
    result.overlap = score(layer.together, result.partner);
    result.shuffled = score(layer.shuffled, best_assignment(layer.shuffled));
    return result;
}

// D of every layer and without each unit, of the same units for both traces.
struct Divergences {
    double value = kMissing;
    std::vector<double> without;
};

Divergences divergences(const RoutingTrace& trace, std::size_t layer, const Sample& sample,
                        bool by_mass, Progress& progress) {
    const PromptCounts counts = count_prompts(trace, layer, sample.selection, by_mass, progress);
    const Grid<double> rows = by_mass ? counts.mass : to_weights(counts.selections);
    Divergences result;
    result.value = divergence(sum_by_label(rows, sample.units.labels, sample.units.groups));
    if (sample.units.no_interval.empty()) {
        result.without = divergence_without_units(rows, sample.units);
    }
    return result;
}

void compare_divergence(const Divergences& a, const Divergences& b, const PromptUnits& units,
                        LayerComparison& layer) {
    layer.difference.value = b.value - a.value;
    layer.divergence_a.value = a.value;
    layer.divergence_b.value = b.value;
    if (a.without.empty()) return;
    std::vector<double> difference(a.without.size());
    for (std::size_t u = 0; u < difference.size(); ++u) difference[u] = b.without[u] - a.without[u];
    layer.divergence_a = jackknife(a.value, a.without, units.stratum).interval();
    layer.divergence_b = jackknife(b.value, b.without, units.stratum).interval();
    layer.difference = jackknife(b.value - a.value, difference, units.stratum).interval();
}

LayerComparison describe_layer(const RoutedLayerInfo& info, const LayerAgreement& sums) {
    LayerComparison layer;
    layer.layer = info.layer;
    layer.experts = info.experts;
    layer.top_k = info.top_k;
    layer.tokens = sums.tokens;
    layer.exact = share(static_cast<double>(sums.exact), sums.tokens);
    layer.top1 = share(static_cast<double>(sums.top1), sums.tokens);
    layer.overlap = share(sums.overlap, sums.tokens);
    layer.weight_l1 = share(sums.weight_l1, sums.weighted_tokens);
    layer.flips = sums.tokens - sums.exact;
    layer.flips_above_floor = sums.above_floor;
    layer.chance = static_cast<double>(info.top_k) / info.experts;
    layer.matching = match(sums, info.top_k);
    return layer;
}

void describe_groups(const Sample& sample, const TraceAgreement& agreement, Comparison& result) {
    for (std::size_t g = 0; g < agreement.groups.size(); ++g) {
        const AgreementSums& sums = agreement.groups[g];
        GroupComparison group{.label = sample.grouping.labels[g]};
        for (std::size_t p = 0; p < sample.units.labels.size(); ++p) {
            if (sample.units.labels[p] == static_cast<std::int32_t>(g)) {
                group.tokens += sample.selection.prompts[p].selected;
            }
        }
        group.overlap = share(sums.overlap, sums.rows);
        group.exact = share(sums.exact, sums.rows);
        group.top1 = share(sums.top1, sums.rows);
        result.groups.push_back(std::move(group));
    }
}

void describe_prompts(const TraceHeader& header, const Sample& sample,
                      const TraceAgreement& agreement, Comparison& result) {
    for (std::size_t p = 0; p < agreement.prompts.size(); ++p) {
        const AgreementSums& sums = agreement.prompts[p];
        if (sums.rows == 0) continue;
        const auto label = static_cast<std::size_t>(sample.units.labels[p]);
        result.prompts.push_back({p, header.prompts.id[p], sample.grouping.labels[label],
                                  share(sums.overlap, sums.rows)});
    }
    std::stable_sort(result.prompts.begin(), result.prompts.end(),
                     [](const auto& x, const auto& y) { return x.overlap < y.overlap; });
    if (result.prompts.size() > kMostChanged) result.prompts.resize(kMostChanged);
}

void describe_tokens(const RoutingTrace& trace, TraceAgreement& agreement, Comparison& result) {
    const PromptTable& prompts = trace.header().prompts;
    for (ChangedToken& token : agreement.tokens) {
        const TokenTable one = trace.tokens({token.row, token.row + 1});
        token.prompt = one.prompt[0];
        token.position = one.position[0];
        token.token_id = one.id[0];
        token.prompt_id = prompts.id[token.prompt];
        const std::string text = whole_text(prompts, token.prompt);
        const std::size_t begin = std::min<std::size_t>(one.byte_begin[0], text.size());
        const std::size_t end = std::min<std::size_t>(one.byte_end[0], text.size());
        token.text = text.substr(begin, end - begin);
        result.changed_tokens.push_back(std::move(token));
    }
}

double mean_overlap(const Comparison& c, bool matched) {
    double total = 0;
    for (const LayerComparison& l : c.layers) total += matched ? l.matching.overlap : l.overlap;
    return total / static_cast<double>(c.layers.size());
}

std::string range_of(double low, double high) {
    return low == high ? fixed_text(low) : fixed_text(low) + " to " + fixed_text(high);
}

std::string rows_text(const Comparison& c) {
    if (!c.alignment) return "On the same " + thousands_text(c.tokens) + " tokens";
    const AlignmentSummary& s = *c.alignment;
    return "At the last tokens of " + thousands_text(c.tokens) +
           " spans of text that both tokenizers end (of " + thousands_text(s.tokens_a) + " and " +
           thousands_text(s.tokens_b) + " tokens; " +
           fixed_text(100 * share(static_cast<double>(s.one_to_one), s.spans), 0) +
           " % of the spans are one token in both)";
}

std::string sentence_of(const Comparison& c, bool floor) {
    const auto [least, most] =
        std::minmax_element(c.layers.begin(), c.layers.end(),
                            [](const auto& x, const auto& y) { return x.overlap < y.overlap; });
    const std::string where = c.where.empty() ? "" : " where " + c.where;
    std::string text = rows_text(c) + where + " " + fixed_text(100 * mean_overlap(c, false), 1) +
                       " % of the chosen experts are the same (layers: " +
                       range_of(least->overlap, most->overlap) + "; chance " +
                       fixed_text(least->chance) + ").";
    if (!c.same_lineage) {
        text += " Nothing says that experts of one number belong together: matched by use, " +
                fixed_text(100 * mean_overlap(c, true), 1) + " % are the same.";
    }
    std::uint64_t flips = 0, above = 0;
    std::size_t moved = 0;
    for (const LayerComparison& l : c.layers) {
        flips += l.flips;
        above += l.flips_above_floor;
        moved += l.difference.has_interval() && (l.difference.low > 0 || l.difference.high < 0);
    }
    if (floor) {
        text += " " + thousands_text(above) + " of " + thousands_text(flips) +
                " changed sets are beyond what a second run changes.";
    }
    return text + " Divergence differs at " + std::to_string(moved) + " of " +
           std::to_string(c.layers.size()) + " layers (95 % intervals).";
}

void explain(const Comparison& c, const Sample& sample, bool floor, bool margins,
             std::map<std::string, std::string>& missing) {
    const bool weights = std::any_of(c.layers.begin(), c.layers.end(),
                                     [](const auto& l) { return std::isfinite(l.weight_l1); });
    if (!weights) missing["weight_l1"] = "weights are not recorded in both traces";
    if (!floor) {
        missing["flips_above_floor"] = "needs a second run of A: --floor";
    } else if (!margins) {
        missing["flips_above_floor"] = "the first trace holds no margins";
    }
    if (!sample.units.no_interval.empty()) missing["divergence"] = sample.units.no_interval;
}

}  // namespace

namespace {

Comparison compare_rows(const RoutingTrace& a, const RoutingTrace& b, const RoutingTrace* floor,
                        const AnalysisOptions& options,
                        const std::optional<AlignmentSummary>& alignment, Progress& progress) {
    require_same_layers(a, b);
    require_same_tokens(a, b, progress);
    const std::size_t layers = a.layers().size();
    progress.start(a.header().token_count * (1 + 3 * layers));
    const Sample sample = take_sample(a, options, progress);
    std::vector<double> margins;
    if (floor != nullptr) {
        require_same_layers(a, *floor);
        require_same_tokens(a, *floor, progress);
        margins = measure_floor(a, *floor, sample.selection, progress);
    }
    TraceAgreement agreement = measure_agreement(a, b, sample, margins, options.seed, progress);
    Comparison result;
    result.alignment = alignment;
    result.path_a = a.header().path;
    result.path_b = b.header().path;
    result.model_a = a.header().model;
    result.model_b = b.header().model;
    result.by = options.by;
    result.where = options.where;
    result.tokens = sample.selection.census.selected;
    result.same_lineage = share_lineage(result.model_a, result.model_b);
    const bool by_mass = options.weighting == Weighting::mass;
    for (std::size_t l = 0; l < layers; ++l) {
        LayerComparison layer = describe_layer(a.layers()[l], agreement.layers[l]);
        if (floor != nullptr) layer.floor_margin = margins[l];
        compare_divergence(divergences(a, l, sample, by_mass, progress),
                           divergences(b, l, sample, by_mass, progress), sample.units, layer);
        result.layers.push_back(std::move(layer));
    }
    describe_groups(sample, agreement, result);
    describe_prompts(a.header(), sample, agreement, result);
    describe_tokens(a, agreement, result);
    const bool has_margins = a.layers().front().has_margin;
    explain(result, sample, floor != nullptr, has_margins, result.missing);
    result.sentence = sentence_of(result, floor != nullptr && has_margins);
    return result;
}

// Prompts split by the classes of their tokens, where tokens are grouped by them.
Comparison compare_grouped(const RoutingTrace& a, const RoutingTrace& b, const RoutingTrace* floor,
                           const AnalysisOptions& options,
                           const std::optional<AlignmentSummary>& alignment, Progress& progress) {
    const GroupedTrace grouped_a(a, options.by, progress), grouped_b(b, options.by, progress);
    std::optional<GroupedTrace> grouped_floor;
    if (floor != nullptr) grouped_floor.emplace(*floor, options.by, progress);
    return compare_rows(grouped_a.get(), grouped_b.get(),
                        grouped_floor ? &grouped_floor->get() : nullptr, options, alignment,
                        progress);
}

}  // namespace

Comparison compare_traces(const RoutingTrace& a, const RoutingTrace& b, const RoutingTrace* floor,
                          const AnalysisOptions& options, Progress& progress) {
    return compare_grouped(a, b, floor, options, std::nullopt, progress);
}

Comparison compare_by_bytes(const RoutingTrace& a, const RoutingTrace& b, const RoutingTrace* floor,
                            const AnalysisOptions& options, Progress& progress) {
    require_same_layers(a, b);
    if (floor != nullptr) require_same_tokens(a, *floor, progress);
    const ByteAlignment alignment = align_bytes(a, b, progress);
    using Side = AlignedTrace::Side;
    const AlignedTrace rows_a(a, alignment, Side::a), rows_b(b, alignment, Side::b);
    std::optional<AlignedTrace> rows_floor;
    if (floor != nullptr) rows_floor.emplace(*floor, alignment, Side::a);
    const AlignmentSummary summary{alignment.size(), alignment.one_to_one, alignment.tokens_a,
                                   alignment.tokens_b};
    return compare_grouped(rows_a, rows_b, rows_floor ? &*rows_floor : nullptr, options, summary,
                           progress);
}

}  // namespace alluvium
