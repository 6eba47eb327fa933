#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "analysis/analysis_json.h"
#include "analysis/analyze.h"
#include "analysis/tables/write_tables.h"
#include "app/commands/analysis_options.h"
#include "app/commands/command.h"

namespace alluvium {
namespace {

struct Options {
    std::string trace;
    AnalysisFlags flags;
    std::string tables;
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

void run(const Options& options) {
    const TracePtr trace = open_trace(options.trace);
    Analysis analysis;
    {
        Progress progress;
        const ProgressLine line(progress, "analysing", "steps");
        analysis = analyze(*trace, options.flags.parsed(), progress);
    }
    if (!options.tables.empty()) {
        Progress progress;
        const ProgressLine line(progress, "writing tables", "steps");
        write_tables(*trace, options.flags.parsed(), options.tables, progress);
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
    command->add_option("--tables", options->tables,
                        "Folder for the counts per prompt and every resample, as numpy reads them (.npz)");
    options->json.add_to(*command);
    set_examples(*command, "  alluvium analyze apollo.h5\n"
                           "  alluvium analyze apollo.h5 --by family --json families.json\n"
                           "  alluvium analyze apollo.h5 --where 'domain=medical and class=word'\n"
                           "  alluvium analyze apollo.h5 --tables apollo-tables\n"
                           "  alluvium analyze apollo.h5 --circuit mass:0.5 --json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
