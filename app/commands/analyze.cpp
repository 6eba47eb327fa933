#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <optional>

#include "analysis/analysis_json.h"
#include "analysis/analyze.h"
#include "analysis/paths/paths_json.h"
#include "analysis/stream/analyze_stream.h"
#include "analysis/stream/stream_json.h"
#include "analysis/tables/write_tables.h"
#include "app/commands/analysis_options.h"
#include "app/commands/command.h"
#include "base/error.h"

namespace alluvium {
namespace {

struct Options {
    std::string trace;
    AnalysisFlags flags;
    std::string tables;
    PathOptions paths;
    JsonOption json;
};

std::string number(double value, int width) {
    std::array<char, 32> text{};
    if (std::isfinite(value)) {
        std::snprintf(text.data(), text.size(), "%*.3f", width, value);
    } else {
        std::snprintf(text.data(), text.size(), "%*s", width, "-");
    }
    return text.data();
}

void print_layers(const Analysis& analysis) {
    std::cout << "layer experts top-k  divergence  interval          relative  band    dead  max/mean-1\n";
    for (const LayerAnalysis& layer : analysis.layers) {
        const Divergence& d = layer.divergence;
        const bool corrected = std::isfinite(d.corrected);
        std::printf("%5d %7u %5u %s  [%s, %s] %s %s %7u %s\n", layer.layer, layer.experts, layer.top_k,
                    number(corrected ? d.corrected : d.value, 11).c_str(), number(d.low, 6).c_str(),
                    number(d.high, 6).c_str(), number(d.relative, 9).c_str(), number(d.band, 7).c_str(),
                    layer.load.dead_experts, number(layer.load.max_vio, 9).c_str());
    }
}

std::string interval(const Estimate& e) {
    return number(e.value, 7) + " [" + number(e.low, 6) + ", " + number(e.high, 6) + "]";
}

void print_robustness(const Analysis& analysis) {
    const Verdict& verdict = analysis.verdict;
    if (verdict.robustness.empty()) return;
    const auto row = [](const std::string& words, Pattern pattern, const Estimate& late, const Estimate& early,
                        std::string_view agreement) {
        std::printf("%-34s %s %s  %-22s %s\n", words.c_str(), interval(late).c_str(), interval(early).c_str(),
                    std::string(to_string(pattern)).c_str(), std::string(agreement).c_str());
    };
    std::printf("\n%-34s %-24s %-24s  %s\n", "counted in other ways", "late - middle", "early - middle",
                "pattern");
    row("as above", verdict.pattern, verdict.d_late, verdict.d_early, "");
    for (const RobustnessRow& r : verdict.robustness) {
        row(r.words, r.pattern, r.d_late, r.d_early, to_string(r.agreement));
    }
}

void print_information(const Analysis& analysis) {
    if (!analysis.verdict.remainder) return;
    std::cout << "\nwhat an expert says about the group, nats above chance: in all, between tokens of equal class,"
                 "\nof equal class and place, of equal class, place and id\n"
                 "layer      all    class    place       id  interval\n";
    std::fflush(stdout);
    for (const LayerAnalysis& layer : analysis.layers) {
        const Information& i = layer.information;
        std::printf("%5d %s %s %s %s  [%s, %s]\n", layer.layer, number(i.r0, 8).c_str(), number(i.r1, 8).c_str(),
                    number(i.r2, 8).c_str(), number(i.r3.value, 8).c_str(), number(i.r3.low, 6).c_str(),
                    number(i.r3.high, 6).c_str());
    }
}

void print(const Analysis& analysis) {
    std::cout << analysis.verdict.sentence << "\n\n";
    std::fflush(stdout);
    print_layers(analysis);
    print_robustness(analysis);
    std::fflush(stdout);
    if (verbosity() == Verbosity::verbose) print_information(analysis);
    std::fflush(stdout);
    for (const auto& [what, why] : analysis.missing) note("missing: " + what + ": " + why);
    for (const std::string& warning : analysis.warnings) note("note: " + warning);
}

// "3 > 7 > 0"
std::string path_text(const std::vector<ExpertId>& experts) {
    std::string text;
    for (const ExpertId e : experts) text += (text.empty() ? "" : " > ") + std::to_string(e);
    return text;
}

// "3-5", and what of it has no router.
std::string window_text(const PathWindow& window) {
    std::string text = std::to_string(window.layers.front()) + "-" + std::to_string(window.layers.back());
    for (std::size_t i = 0; i < window.dense_between.size(); ++i) {
        text += (i == 0 ? " without " : ",") + std::to_string(window.dense_between[i]);
    }
    return text;
}

double mean_effective(const PathWindow& window) {
    double sum = 0, count = 0;
    for (const PathEntropy& entropy : window.entropy) {
        if (!std::isfinite(entropy.effective)) continue;
        sum += entropy.effective;
        ++count;
    }
    return count > 0 ? sum / count : kMissing;
}

void print(const RoutePaths& paths) {
    std::cout << "\npaths of the best experts through " << paths.length
              << " routed layers: overlap of groups (by chance), as many equally frequent paths per group\n"
                 "layers          overlap  (chance)  effective paths\n";
    std::fflush(stdout);
    for (const PathWindow& window : paths.windows) {
        std::printf("%-14s %s  (%s)  %14.1f\n", window_text(window).c_str(), number(window.overlap, 8).c_str(),
                    number(window.overlap_null, 6).c_str(), mean_effective(window));
    }
    if (!paths.windows.empty()) {
        const PathWindow& last = paths.windows.back();
        std::printf("\nmost frequent path of each group, layers %s: share of its tokens, lift over all groups\n",
                    window_text(last).c_str());
        for (std::size_t g = 0; g < paths.groups.size(); ++g) {
            if (last.frequent[g].empty()) continue;
            const FrequentPath& path = last.frequent[g].front();
            std::printf("%-12s %-16s %s %s\n", paths.groups[g].c_str(), path_text(path.experts).c_str(),
                        number(path.share, 7).c_str(), number(path.lift, 7).c_str());
        }
    }
    std::fflush(stdout);
    if (paths.drawn) note("note: paths: of so many tokens, whole units were drawn");
    for (const auto& [what, why] : paths.missing) note("missing: paths." + what + ": " + why);
}

void print(const StreamAnalysis& stream) {
    const auto cell = [](const Estimate& e) {
        return number(e.value, 6) + " [" + number(e.low, 6) + ", " + number(e.high, 6) + "]";
    };
    std::cout << stream.sentence
              << "\n\nresidual stream: share of the prompts' variance that is between groups; distance of "
                 "translations\n(of different sentences); prompts whose group the nearest centroid tells (chance)\n"
                 "    layer   between groups            translations                      told\n";
    std::fflush(stdout);
    for (const StreamLayer& layer : stream.layers) {
        const std::string name = layer.layer < 0 ? "embedding" : std::to_string(layer.layer);
        std::printf("%9s   %s  %s (%s)  %s (%s)\n", name.c_str(), cell(layer.language_variance).c_str(),
                    cell(layer.translations.distance).c_str(), number(layer.translations.unrelated, 5).c_str(),
                    cell(layer.probe.accuracy).c_str(), number(layer.probe.chance, 5).c_str());
    }
    std::fflush(stdout);
    for (const auto& [what, why] : stream.missing) note("missing: " + what + ": " + why);
}

StreamAnalysis analyze_stream(const RoutingTrace& trace, const AnalysisOptions& options) {
    Progress progress;
    const ProgressLine line(progress, "analysing the residual stream", "layers");
    return analyze_stream(trace, options, progress);
}

// Beside the routing, where the trace has it and the grouping and slice allow it; `missing` says why not.
std::optional<StreamAnalysis> stream_beside(const RoutingTrace& trace, const AnalysisOptions& options,
                                            std::string& missing) {
    missing = "no residual stream recorded: capture with --record experts,weights,logits,means";
    if (!has_stream(trace)) return std::nullopt;
    try {
        return analyze_stream(trace, options);
    } catch (const UserError& error) {
        missing = error.what();
        note("missing: stream: " + missing);
        return std::nullopt;
    }
}

// Of a circuit's tokens; a trace of counts has none.
std::optional<RoutePaths> paths_beside(const RoutingTrace& trace, const Options& options) {
    const AnalysisOptions analysis = options.flags.parsed();
    if (!analysis.circuit || trace.header().kind == TraceKind::counts || analysis.by == "class") {
        return std::nullopt;
    }
    Progress progress;
    const ProgressLine line(progress, "following paths", "steps");
    return route_paths(trace, analysis, options.paths, progress);
}

// A checkpoint without a router: there is its residual stream and nothing else.
void run_dense(const RoutingTrace& trace, const Options& options) {
    if (!has_stream(trace)) {
        throw UserError("the trace has no routed layer: every layer of the checkpoint is dense",
                        "capture it again with --record means: where languages lie in its residual stream");
    }
    const StreamAnalysis stream = analyze_stream(trace, options.flags.parsed());
    options.json.write({{"trace", {{"path", stream.trace_path}, {"model", stream.model.name}}},
                        {"layers", Json::array()},
                        {"stream", stream_json(stream)}});
    if (!options.json.to_stdout()) print(stream);
}

void run(const Options& options) {
    const TracePtr trace = open_trace(options.trace);
    if (trace->layers().empty()) return run_dense(*trace, options);
    Analysis analysis;
    {
        Progress progress;
        const ProgressLine line(progress, "analysing", "steps");
        analysis = analyze(*trace, options.flags.parsed(), progress);
    }
    std::string no_stream;
    const std::optional<StreamAnalysis> stream = stream_beside(*trace, options.flags.parsed(), no_stream);
    if (!options.tables.empty()) {
        Progress progress;
        const ProgressLine line(progress, "writing tables", "steps");
        write_tables(*trace, options.flags.parsed(), options.tables, progress);
    }
    const std::optional<RoutePaths> paths = paths_beside(*trace, options);
    Json json = analysis_json(analysis);
    if (paths && json["circuit"].is_object()) json["circuit"]["paths"] = paths_json(*paths);
    json["stream"] = stream ? stream_json(*stream) : Json(nullptr);
    if (!stream) json["missing"]["stream"] = no_stream;
    options.json.write(json);
    if (options.json.to_stdout()) return;
    print(analysis);
    if (paths) print(*paths);
    if (!stream) return;
    std::cout << '\n';
    print(*stream);
}

}  // namespace

void add_analyze(CLI::App& program) {
    auto* command = program.add_subcommand(
        "analyze", "Where languages part ways: shares, load, divergence with its null, the verdict");
    const auto options = std::make_shared<Options>();
    command->add_option("TRACE", options->trace, "Trace file (.h5)")->required();
    options->flags.add_to(*command, "--circuit");
    command->add_option("--path-length", options->paths.length,
                        "Of the circuit's paths: best experts of so many routed layers in a row")
        ->check(CLI::Range(std::size_t{2}, kLongestPath))
        ->capture_default_str();
    command->add_option("--tables", options->tables,
                        "Folder for the counts per prompt and every resample, as numpy reads them (.npz)");
    options->json.add_to(*command);
    set_examples(*command, "  alluvium analyze apollo.h5\n"
                           "  alluvium analyze apollo.h5 --by family --json families.json\n"
                           "  alluvium analyze apollo.h5 --where 'domain=medical and class=word'\n"
                           "  alluvium analyze dense.h5   (captured with --record means: the residual stream)\n"
                           "  alluvium analyze apollo.h5 --tables apollo-tables\n"
                           "  alluvium analyze apollo.h5 --circuit mass:0.5 --json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
