#include <filesystem>
#include <iostream>

#include "analysis/analyze.h"
#include "analysis/figures/circuit_figure.h"
#include "analysis/figures/colors.h"
#include "analysis/figures/compare_figure.h"
#include "analysis/figures/divergence_figure.h"
#include "analysis/figures/expert_order.h"
#include "analysis/figures/flow_pair_figure.h"
#include "analysis/figures/heatmap_figure.h"
#include "analysis/figures/load_figure.h"
#include "analysis/figures/similarity_figure.h"
#include "analysis/figures/stream_figure.h"
#include "analysis/figures/tokens_figure.h"
#include "analysis/figures/training_figure.h"
#include "app/commands/analysis_options.h"
#include "app/commands/command.h"
#include "app/painters/cairo_painter.h"
#include "base/error.h"
#include "base/files.h"
#include "captures/languages.h"
#include "captures/training_run.h"

namespace alluvium {
namespace {

struct Options {
    std::string figure, output, data;
    std::vector<std::string> traces;  // two for compare, else one
    std::string style = "ratio";
    std::string order = "owner";
    std::vector<std::string> languages;  // panels or coloured groups
    int layer = -1;                      // of similarity and tokens; -1: their default
    bool dark = false;
    std::string align = "tokens";
    double width = 0;
    double scale = kPngScale;
    AnalysisFlags flags;
};

AnalysisOptions analysis_options(const Options& options) {
    AnalysisOptions result = options.flags.parsed();
    // The other figures do not show what the controls say.
    if (options.figure != "divergence") result.controls = ControlOptions::none();
    if (options.figure == "circuit" && !result.circuit) {
        result.circuit = CircuitOptions{.keep = {}, .flow = parse_flow(options.flags.flow)};
    }
    return result;
}

std::vector<std::size_t> chosen_groups(const Analysis& analysis, const std::vector<std::string>& labels) {
    std::vector<std::size_t> chosen;
    for (const std::string& label : labels) {
        const auto at = std::find_if(analysis.groups.begin(), analysis.groups.end(),
                                     [&](const GroupSample& g) { return g.label == label; });
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

Figure draw(const Options& options, const Analysis& analysis) {
    const Theme theme = options.dark ? dark_theme() : light_theme();
    const TextMeter meter = pango_meter();
    const std::vector<GroupLook> looks = group_looks(analysis, LanguageTable::instance());
    const std::vector<std::size_t> groups = chosen_groups(analysis, options.languages);
    if (options.figure == "heatmap") {
        const HeatmapStyle style = options.style == "talk" ? HeatmapStyle::talk : HeatmapStyle::ratio;
        HeatmapOptions heatmap{.style = style, .looks = looks, .groups = groups, .columns = {}};
        heatmap.columns = columns(analysis, options.order);
        heatmap.width = options.width;
        return heatmap_figure(analysis, heatmap, theme, meter);
    }
    if (options.figure == "divergence") {
        return divergence_figure(analysis, {.looks = looks, .width = options.width}, theme, meter);
    }
    if (options.figure == "load") {
        return load_figure(analysis, {.looks = looks, .width = options.width}, theme, meter);
    }
    if (options.figure == "similarity") {
        SimilarityOptions similarity{.looks = looks, .layer = {}, .width = options.width, .seed = options.flags.seed};
        if (options.layer >= 0) similarity.layer = options.layer;
        return similarity_figure(analysis, similarity, theme, meter);
    }
    return circuit_figure(analysis, {.looks = looks, .selected = groups, .width = options.width}, theme,
                          meter);
}

Figure draw_analysis(const Options& options) {
    const TracePtr trace = open_trace(options.traces.front());
    Analysis analysis;
    {
        Progress progress;
        const ProgressLine line(progress, "analysing", "steps");
        analysis = analyze(*trace, analysis_options(options), progress);
    }
    return draw(options, analysis);
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

Figure draw_tokens(const Options& options) {
    const TracePtr trace = open_trace(options.traces.front());
    LayerTokensOptions what;
    what.routed = routed_layer(*trace, options.layer);
    what.groups = options.languages;
    LayerTokens tokens;
    {
        Progress progress;
        const ProgressLine line(progress, "reading", "tokens");
        tokens = read_layer_tokens(*trace, what, options.flags.parsed(), progress);
    }
    TokensFigureOptions figure;
    figure.width = options.width;
    return tokens_figure(tokens, figure, options.dark ? dark_theme() : light_theme(), pango_meter());
}

Figure draw_comparison(const Options& options) {
    const TracePtr a = open_trace(options.traces[0]), b = open_trace(options.traces[1]);
    Comparison comparison;
    {
        Progress progress;
        const ProgressLine line(progress, "comparing", "steps");
        const auto compare_rows = options.align == "bytes" ? compare_by_bytes : compare_traces;
        comparison = compare_rows(*a, *b, nullptr, options.flags.parsed(), progress);
    }
    return compare_figure(comparison, {.width = options.width}, options.dark ? dark_theme() : light_theme(),
                          pango_meter());
}

// Relative divergence where the checkpoint has routers, and that of routers that learned nothing.
std::vector<RoutedPoint> routed_points(const RoutingTrace& trace, AnalysisOptions options, Progress& progress) {
    std::vector<RoutedPoint> points;
    if (trace.layers().empty()) return points;
    options.controls.robustness = false;
    for (const LayerAnalysis& layer : analyze(trace, options, progress).layers) {
        const Divergence& d = layer.divergence;
        points.push_back({layer.layer,
                          {d.relative, d.relative_low, d.relative_high},
                          layer.random_router.mean / d.ceiling});
    }
    return points;
}

Figure draw_stream(const Options& options) {
    std::vector<StreamRun> runs;
    for (const std::string& path : options.traces) {
        const TracePtr trace = open_trace(path);
        Progress progress;
        const ProgressLine line(progress, "analysing", "steps");
        StreamRun run{.name = std::filesystem::path(path).stem().string(), .stream = {}, .routing = {}};
        run.stream = analyze_stream(*trace, options.flags.parsed(), progress);
        run.routing = routed_points(*trace, options.flags.parsed(), progress);
        runs.push_back(std::move(run));
    }
    return stream_figure(runs, {.width = options.width}, options.dark ? dark_theme() : light_theme(),
                         pango_meter());
}

Figure draw_difference(const Options& options) {
    std::vector<Analysis> sides;
    for (const std::string& path : options.traces) {
        const TracePtr trace = open_trace(path);
        Progress progress;
        const ProgressLine line(progress, "analysing", "steps");
        sides.push_back(analyze(*trace, analysis_options(options), progress));
    }
    HeatmapOptions heatmap;
    heatmap.looks = group_looks(sides[0], LanguageTable::instance());
    heatmap.groups = chosen_groups(sides[0], options.languages);
    heatmap.columns = columns(sides[0], options.order);
    heatmap.width = options.width;
    return heatmap_difference_figure(sides[0], sides[1], heatmap,
                                     options.dark ? dark_theme() : light_theme(), pango_meter());
}

Figure draw_flow(const Options& options) {
    const Theme theme = options.dark ? dark_theme() : light_theme();
    FlowFigureOptions figure;
    figure.width = options.width;
    const InformationFlow a = read_information_flow(options.traces[0]);
    if (options.traces.size() == 1) return flow_figure(a, figure, theme, pango_meter());
    const InformationFlow b = read_information_flow(options.traces[1]);
    const auto side = [&](const std::string& path, const InformationFlow& flow) {
        return flow_side(std::filesystem::path(path).stem().string(), flow, LanguageTable::instance());
    };
    return flow_pair_figure(side(options.traces[0], a), side(options.traces[1], b), figure, theme, pango_meter());
}

Figure draw_training(const Options& options) {
    std::vector<TrainingRun> runs;
    for (const std::string& folder : options.traces) runs.push_back(read_training_run(folder));
    return training_figure(runs, {.width = options.width}, options.dark ? dark_theme() : light_theme(),
                           pango_meter());
}

// How many inputs a figure takes.
struct Takes {
    std::size_t least, most;
    const char* what;
};
Takes takes(const std::string& figure) {
    if (figure == "compare" || figure == "difference") return {2, 2, "two traces"};
    if (figure == "flow") return {1, 2, "one or two files that 'alluvium flow --json' wrote"};
    if (figure == "stream") return {1, kMaxSelected, "one to five traces"};
    if (figure == "training") return {1, kMaxSelected, "one to five folders of training runs"};
    return {1, 1, "one trace"};
}

void check_inputs(const Options& options) {
    const Takes wanted = takes(options.figure);
    const std::size_t given = options.traces.size();
    if (given >= wanted.least && given <= wanted.most) return;
    throw UserError("render " + options.figure + " takes " + wanted.what + ", " + std::to_string(given) +
                        " given",
                    "'alluvium render --help' has examples");
}

Figure draw(const Options& options) {
    if (options.figure == "training") return draw_training(options);
    if (options.figure == "flow") return draw_flow(options);
    if (options.figure == "stream") return draw_stream(options);
    if (options.figure == "tokens") return draw_tokens(options);
    if (options.figure == "difference") return draw_difference(options);
    return options.figure == "compare" ? draw_comparison(options) : draw_analysis(options);
}

void run(const Options& options) {
    check_figure_path(options.output);
    check_inputs(options);
    parse_expert_sort(options.order);
    const Figure figure = draw(options);
    save_figure(figure, options.output, options.scale);
    if (!options.data.empty()) write_file_atomically(options.data, figure_csv(figure));
    std::cout << options.output << ": " << figure.title << '\n';
}

}  // namespace

void add_render(CLI::App& program) {
    auto* command = program.add_subcommand("render", "Draw a figure of a trace (or of training runs) as SVG, PDF or PNG");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("FIGURE", options->figure,
                     "heatmap, divergence, circuit, difference, load, similarity, tokens, compare, stream, flow or training")
        ->required()
        ->check(CLI::IsMember({"heatmap", "divergence", "circuit", "difference", "load", "similarity", "tokens",
                               "compare", "stream", "flow", "training"}));
    command
        ->add_option("TRACE", options->traces,
                     "Trace file (.h5); two for compare and difference (A - B), up to five for stream; files of flow --json for flow; folders of "
                     "training runs for training")
        ->required()
        ->expected(1, static_cast<int>(kMaxSelected));
    command->add_option("-o,--output", options->output, "The picture; its ending decides: svg, pdf, png")
        ->required();
    options->flags.add_to(*command, "--keep");
    command->add_option("--style", options->style,
                        "Of the heat map: ratio (share over chance, in colour) or talk (shares 0..1 in every cell)")
        ->check(CLI::IsMember({"ratio", "talk"}))
        ->capture_default_str();
    command->add_option("--order", options->order,
                        "Experts of heat maps from left to right: owner, number, load:LAYER, share:LAYER:GROUP, "
                        "similarity:LAYER")
        ->capture_default_str();
    command->add_option("--groups", options->languages,
                        "Heat map: draw these groups only; circuit: colour these (at most 5); tokens: a prompt of each")
        ->delimiter(',');
    command->add_option("--layer", options->layer,
                        "Similarity: at this layer (default: the mean over all); tokens: of this layer (default: the last)")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--align", options->align,
                        "Compare: row by row (tokens), or where tokens of two tokenizers end at one byte (bytes)")
        ->check(CLI::IsMember({"tokens", "bytes"}));
    command->add_flag("--dark", options->dark, "Light on dark");
    command->add_option("--width", options->width, "Of the page, in points (default: as wide as it takes)")
        ->check(CLI::Range(200.0, 20000.0));
    command->add_option("--scale", options->scale, "Pixels per point of a PNG")
        ->check(CLI::Range(0.5, 16.0))
        ->capture_default_str();
    command->add_option("--data", options->data, "Write the figure's numbers as CSV too");
    set_examples(*command,
                 "  alluvium render heatmap apollo.h5 -o heatmap.svg\n"
                 "  alluvium render heatmap apollo.h5 -o talk.pdf --style talk\n"
                 "  alluvium render heatmap apollo.h5 -o sorted.svg --order share:23:fr\n"
                 "  alluvium render divergence apollo.h5 -o divergence.png --data divergence.csv\n"
                 "  alluvium render circuit apollo.h5 -o circuit.pdf --keep mass:0.5 --groups fr,ar\n"
                 "  alluvium render load apollo.h5 -o load.svg --where class=word\n"
                 "  alluvium render similarity apollo.h5 -o similarity.svg --layer 23\n"
                 "  alluvium render tokens apollo.h5 -o tokens.svg --layer 23 --groups fr,ar,th\n"
                 "  alluvium render compare base.h5 tuned.h5 -o compare.pdf\n"
                 "  alluvium render difference base.h5 tuned.h5 -o difference.svg --groups fr,ar\n"
                 "  alluvium render stream dense.h5 moe.h5 -o depth.svg   (captured with --record means)\n"
                 "  alluvium render flow fr.json ar.json -o one-sentence.svg\n"
                 "  alluvium render training hybrid-k top-k -o loss.svg");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
