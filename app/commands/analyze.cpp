#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "analysis/analysis_json.h"
#include "analysis/analyze.h"
#include "app/commands/analysis_options.h"
#include "app/commands/command.h"

namespace alluvium {
namespace {

struct Options {
    std::string trace;
    AnalysisFlags flags;
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

void print(const Analysis& analysis) {
    std::cout << analysis.verdict.sentence << "\n\n";
    std::fflush(stdout);
    print_layers(analysis);
    std::cout << std::flush;
    for (const auto& [what, why] : analysis.missing) note("missing: " + what + ": " + why);
    for (const std::string& warning : analysis.warnings) note("note: " + warning);
}

void run(const Options& options) {
    const TracePtr trace = open_trace(options.trace);
    Analysis analysis;
    {
        Progress progress;
        const ProgressLine line(progress, "analysing", "steps");
        analysis = analyze(*trace, options.flags.parsed(), progress);
    }
    options.json.write(analysis_json(analysis));
    if (!options.json.to_stdout()) print(analysis);
}

}  // namespace

void add_analyze(CLI::App& program) {
    auto* command = program.add_subcommand(
        "analyze", "Where languages part ways: shares, load, divergence with its null, the verdict");
    const auto options = std::make_shared<Options>();
    command->add_option("TRACE", options->trace, "Trace file (.h5)")->required();
    options->flags.add_to(*command, "--circuit");
    options->json.add_to(*command);
    set_examples(*command, "  alluvium analyze apollo.h5\n"
                           "  alluvium analyze apollo.h5 --by family --json families.json\n"
                           "  alluvium analyze apollo.h5 --circuit mass:0.5 --json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
