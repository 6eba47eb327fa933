#include "app/commands/render_figures.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "analysis/analyze.h"
#include "analysis/figures/circuit_figure.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/compare_figure.h"
#include "analysis/figures/divergence_figure.h"
#include "analysis/figures/expert_order.h"
#include "analysis/figures/flow_pair_figure.h"
#include "analysis/figures/heatmap_figure.h"
#include "analysis/figures/load_figure.h"
#include "analysis/figures/paths_figure.h"
#include "analysis/figures/similarity_figure.h"
#include "analysis/figures/stream_figure.h"
#include "analysis/figures/tokens_figure.h"
#include "analysis/figures/training_figure.h"
#include "app/commands/command.h"
#include "base/error.h"
#include "captures/languages.h"
#include "captures/training_run.h"

namespace alluvium {
namespace {

// What `work` (trace, progress) makes of the trace of that file.
template <typename Work>
auto from_trace(const std::string& path, const char* doing, const char* unit, Work work) {
    const TracePtr trace = open_trace(path);
    Progress progress;
    const ProgressLine line(progress, doing, unit);
    return work(*trace, progress);
}

Analysis analysed(const std::string& path, const AnalysisOptions& options) {
    return from_trace(path, "analysing", "steps",
                      [&](const RoutingTrace& trace, Progress& progress) {
                          return analyze(trace, options, progress);
                      });
}

std::string name_of(const std::string& path) {
    return std::filesystem::path(path).stem().string();
}

AnalysisOptions analysis_options(const RenderOptions& options) {
    AnalysisOptions result = options.flags.parsed();
    // The other figures do not show what the controls say.
    if (options.figure != "divergence") result.controls = ControlOptions::none();
    if (options.figure == "circuit" && !result.circuit) {
        result.circuit = CircuitOptions{.keep = {}, .flow = parse_flow(options.flags.flow)};
    }
    return result;
}

std::vector<std::size_t> chosen_groups(const Analysis& analysis,
                                       const std::vector<std::string>& labels) {
    std::vector<std::size_t> chosen;
    for (const std::string& label : labels) {
        const auto at = std::ranges::find(analysis.groups, label, &GroupSample::label);
        if (at == analysis.groups.end()) {
            throw UserError("--groups: the trace has no group '" + label + "'",
                            "'alluvium analyze' lists the groups");
        }
        chosen.push_back(static_cast<std::size_t>(at - analysis.groups.begin()));
    }
    return chosen;
}

std::vector<std::size_t> columns(const Analysis& analysis, const std::string& order) {
    const ExpertSort sort = parse_expert_sort(order);
    std::vector<std::size_t> sorted = sorted_experts(analysis, sort);
    if (sorted.empty() && sort != ExpertSort{}) {
        throw UserError("--order " + order + ": the trace has no such routed layer or group",
                        "'alluvium analyze' lists both");
    }
    return sorted;
}

HeatmapOptions heatmap_options(const RenderOptions& options, const Analysis& analysis) {
    return {.style = options.style == "talk" ? HeatmapStyle::talk : HeatmapStyle::ratio,
            .looks = group_looks(analysis, LanguageTable::instance()),
            .groups = chosen_groups(analysis, options.groups),
            .columns = columns(analysis, options.order),
            .width = options.page.width()};
}

Figure draw_heatmap(const RenderOptions& options) {
    const Analysis analysis = analysed(options.traces.front(), analysis_options(options));
    return heatmap_figure(analysis, heatmap_options(options, analysis), options.page.theme(),
                          pango_meter());
}

Figure draw_difference(const RenderOptions& options) {
    const Analysis a = analysed(options.traces[0], analysis_options(options));
    const Analysis b = analysed(options.traces[1], analysis_options(options));
    return heatmap_difference_figure(a, b, heatmap_options(options, a), options.page.theme(),
                                     pango_meter());
}

// Figures of one analysis that take no more than groups and a layer.
Figure draw_analysis(const RenderOptions& options) {
    const Analysis analysis = analysed(options.traces.front(), analysis_options(options));
    const Theme theme = options.page.theme();
    const double width = options.page.width();
    const std::vector<GroupLook> looks = group_looks(analysis, LanguageTable::instance());
    const std::vector<std::size_t> groups = chosen_groups(analysis, options.groups);
    if (options.figure == "divergence") {
        return divergence_figure(analysis, {.looks = looks, .width = width}, theme, pango_meter());
    }
    if (options.figure == "load") {
        return load_figure(analysis, {.looks = looks, .width = width}, theme, pango_meter());
    }
    if (options.figure == "similarity") {
        SimilarityOptions similarity{
            .looks = looks, .layer = {}, .width = width, .seed = options.flags.seed};
        if (options.layer >= 0) similarity.layer = options.layer;
        return similarity_figure(analysis, similarity, theme, pango_meter());
    }
    return circuit_figure(analysis, {.looks = looks, .selected = groups, .width = width}, theme,
                          pango_meter());
}

// The last routed layer unless one is asked for.
std::size_t routed_layer(const RoutingTrace& trace, int layer) {
    const auto layers = trace.layers();
    if (layers.empty()) {
        throw UserError("the trace has no routed layer: every layer of the checkpoint is dense",
                        "there is no routing to draw");
    }
    if (layer < 0) return layers.size() - 1;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        if (layers[l].layer == layer) return l;
    }
    throw UserError("--layer " + std::to_string(layer) + " has no router in this trace",
                    "the last that has is " + std::to_string(layers.back().layer));
}

Figure draw_tokens(const RenderOptions& options) {
    const LayerTokens tokens =
        from_trace(options.traces.front(), "reading", "tokens",
                   [&](const RoutingTrace& trace, Progress& progress) {
                       LayerTokensOptions what;
                       what.routed = routed_layer(trace, options.layer);
                       what.groups = options.groups;
                       return read_layer_tokens(trace, what, options.flags.parsed(), progress);
                   });
    TokensFigureOptions figure;
    figure.width = options.page.width();
    return tokens_figure(tokens, figure, options.page.theme(), pango_meter());
}

Figure draw_comparison(const RenderOptions& options) {
    const TracePtr b = open_trace(options.traces[1]);
    const Comparison comparison = from_trace(
        options.traces[0], "comparing", "steps", [&](const RoutingTrace& a, Progress& progress) {
            const auto compare = options.align == "bytes" ? compare_by_bytes : compare_traces;
            return compare(a, *b, nullptr, options.flags.parsed(), progress);
        });
    return compare_figure(comparison, {.width = options.page.width()}, options.page.theme(),
                          pango_meter());
}

Figure draw_stream(const RenderOptions& options) {
    std::vector<StreamRun> runs;
    for (const std::string& path : options.traces) {
        runs.push_back(from_trace(
            path, "analysing", "steps", [&](const RoutingTrace& trace, Progress& progress) {
                return stream_run(trace, name_of(path), options.flags.parsed(), progress);
            }));
        if (runs.back().missing.empty()) continue;
        note("note: '" + path + "': " + runs.back().missing);
    }
    return stream_figure(runs, {.width = options.page.width()}, options.page.theme(),
                         pango_meter());
}

Figure draw_paths(const RenderOptions& options) {
    const RoutePaths paths =
        from_trace(options.traces.front(), "following paths", "steps",
                   [&](const RoutingTrace& trace, Progress& progress) {
                       return route_paths(trace, options.flags.parsed(), {}, progress);
                   });
    Analysis labels;
    for (const std::string& label : paths.groups) labels.groups.push_back({.label = label});
    PathsFigureOptions figure{.looks = group_looks(labels, LanguageTable::instance()),
                              .layer = {},
                              .width = options.page.width()};
    if (options.layer >= 0) figure.layer = options.layer;
    return paths_figure(paths, figure, options.page.theme(), pango_meter());
}

Figure draw_flow(const RenderOptions& options) {
    FlowFigureOptions figure;
    figure.width = options.page.width();
    const Theme theme = options.page.theme();
    const InformationFlow a = read_information_flow(options.traces[0]);
    if (options.traces.size() == 1) return flow_figure(a, figure, theme, pango_meter());
    const InformationFlow b = read_information_flow(options.traces[1]);
    const LanguageTable& languages = LanguageTable::instance();
    return flow_pair_figure(flow_side(name_of(options.traces[0]), a, languages),
                            flow_side(name_of(options.traces[1]), b, languages), figure, theme,
                            pango_meter());
}

Figure draw_training(const RenderOptions& options) {
    std::vector<TrainingRun> runs;
    for (const std::string& folder : options.traces) runs.push_back(read_training_run(folder));
    return training_figure(runs, {.width = options.page.width()}, options.page.theme(),
                           pango_meter());
}

struct Kind {
    std::string name;
    std::size_t least, most;  // inputs
    const char* takes;
    Figure (*draw)(const RenderOptions&);
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all = {
        {"heatmap", 1, 1, "one trace", draw_heatmap},
        {"divergence", 1, 1, "one trace", draw_analysis},
        {"circuit", 1, 1, "one trace", draw_analysis},
        {"difference", 2, 2, "two traces", draw_difference},
        {"load", 1, 1, "one trace", draw_analysis},
        {"similarity", 1, 1, "one trace", draw_analysis},
        {"tokens", 1, 1, "one trace", draw_tokens},
        {"paths", 1, 1, "one trace", draw_paths},
        {"compare", 2, 2, "two traces", draw_comparison},
        {"stream", 1, kMaxSelected, "one to five traces", draw_stream},
        {"flow", 1, 2, "one or two files that 'alluvium flow --json' wrote", draw_flow},
        {"training", 1, kMaxSelected, "one to five folders of training runs", draw_training},
    };
    return all;
}

const Kind& kind_of(const RenderOptions& options) {
    return *std::ranges::find(kinds(), options.figure, &Kind::name);
}

}  // namespace

const std::vector<std::string>& figure_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Kind& kind : kinds()) all.push_back(kind.name);
        return all;
    }();
    return names;
}

void check_inputs(const RenderOptions& options) {
    const Kind& kind = kind_of(options);
    const std::size_t given = options.traces.size();
    if (given >= kind.least && given <= kind.most) return;
    throw UserError("render " + options.figure + " takes " + kind.takes + ", " +
                        std::to_string(given) + " given",
                    "'alluvium render --help' has examples");
}

Figure draw_figure(const RenderOptions& options) {
    return kind_of(options).draw(options);
}

}  // namespace alluvium
