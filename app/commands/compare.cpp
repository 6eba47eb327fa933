#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "analysis/comparison_json.h"
#include "app/commands/analysis_options.h"
#include "app/commands/command.h"
#include "base/error.h"

namespace alluvium {
namespace {

struct Options {
    std::vector<std::string> traces;
    std::string floor;
    bool series = false;
    std::string align = "tokens";
    AnalysisFlags flags;
    JsonOption json;
};

std::string number(double value) {
    std::array<char, 32> text{};
    if (!std::isfinite(value)) return "      -";
    std::snprintf(text.data(), text.size(), "%7.3f", value);
    return text.data();
}

void print(const Comparison& c) {
    std::cout << c.sentence << "\n\n"
              << "layer  overlap  exact    top-1    chance   weight-L1  flips  beyond floor  divergence B - A\n";
    std::fflush(stdout);
    for (const LayerComparison& l : c.layers) {
        const bool floor = std::isfinite(l.floor_margin);
        std::printf("%5d  %s  %s  %s  %s  %s  %7llu  %12s  %s [%s, %s]\n", l.layer, number(l.overlap).c_str(),
                    number(l.exact).c_str(), number(l.top1).c_str(), number(l.chance).c_str(),
                    number(l.weight_l1).c_str(), static_cast<unsigned long long>(l.flips),
                    floor ? std::to_string(l.flips_above_floor).c_str() : "-",
                    number(l.difference.value).c_str(), number(l.difference.low).c_str(),
                    number(l.difference.high).c_str());
    }
    std::fflush(stdout);
    std::cout << "\nprompts that changed most:\n";
    for (const ChangedPrompt& p : c.prompts) {
        std::cout << "  " << number(p.overlap) << "  " << p.label << "  " << p.id << '\n';
    }
    std::cout << "tokens that changed most:\n";
    for (const ChangedToken& t : c.changed_tokens) {
        std::cout << "  " << number(t.overlap) << "  " << t.prompt_id << ", position " << t.position << ": '"
                  << t.text << "' (" << t.token_id << ")\n";
    }
    std::cout << std::flush;
    for (const auto& [what, why] : c.missing) note("missing: " + what + ": " + why);
}

Comparison compare(const RoutingTrace& a, const RoutingTrace& b, const RoutingTrace* floor, const Options& options) {
    Progress progress;
    const ProgressLine line(progress, "comparing", "steps");
    const auto compare_rows = options.align == "bytes" ? compare_by_bytes : compare_traces;
    return compare_rows(a, b, floor, options.flags.parsed(), progress);
}

void print(const std::vector<SeriesStep>& series) {
    std::cout << "share of the experts that the last checkpoint chooses (saturation), and divergence, mean over "
                 "layers\n";
    for (const SeriesStep& step : series) {
        double overlap = 0, divergence = 0;
        for (const LayerComparison& l : step.to_last.layers) {
            overlap += l.overlap;
            divergence += l.divergence_a.value;
        }
        const auto layers = static_cast<double>(step.to_last.layers.size());
        std::cout << number(overlap / layers) << "  " << number(divergence / layers) << "  " << step.path << '\n';
    }
}

void run_series(const Options& options, const std::vector<TracePtr>& traces, const RoutingTrace* floor) {
    std::vector<SeriesStep> series;
    for (std::size_t i = 0; i < traces.size(); ++i) {
        SeriesStep step{options.traces[i], compare(*traces[i], *traces.back(), floor, options),
                        std::nullopt};
        if (i + 1 < traces.size()) {
            step.to_next = compare(*traces[i], *traces[i + 1], floor, options);
        }
        series.push_back(std::move(step));
    }
    options.json.write(series_json(series));
    if (!options.json.to_stdout()) print(series);
}

void run(const Options& options) {
    if (options.traces.size() > 2 && !options.series) {
        throw UserError("compare takes two traces, " + std::to_string(options.traces.size()) + " were given",
                        "add --series for a series of checkpoints");
    }
    std::vector<TracePtr> traces;
    for (const std::string& path : options.traces) traces.push_back(open_trace(path));
    const TracePtr floor = options.floor.empty() ? nullptr : open_trace(options.floor);
    if (options.series) return run_series(options, traces, floor.get());
    const Comparison comparison = compare(*traces[0], *traces[1], floor.get(), options);
    options.json.write(comparison_json(comparison));
    if (!options.json.to_stdout()) print(comparison);
}

}  // namespace

void add_compare(CLI::App& program) {
    auto* command = program.add_subcommand(
        "compare", "Two checkpoints on the same tokens: agreement, flips, divergence, matching experts");
    const auto options = std::make_shared<Options>();
    command->add_option("TRACE", options->traces, "Two traces of the same tokens; more with --series")
        ->required()
        ->expected(2, -1);
    command->add_option("--floor", options->floor,
                        "A second run of the first checkpoint (other dtype or engine): what arithmetic alone changes");
    command->add_option("--align", options->align,
                        "tokens: row by row; bytes: of different tokenizers, where tokens of both end at one byte")
        ->check(CLI::IsMember({"tokens", "bytes"}))
        ->capture_default_str();
    command->add_flag("--series", options->series, "Checkpoints of one training in order: each against the last");
    options->flags.add_to(*command, "--circuit");
    options->json.add_to(*command);
    set_examples(*command, "  alluvium compare base.h5 tuned.h5\n"
                           "  alluvium compare base.h5 tuned.h5 --floor base-f32.h5 --json\n"
                           "  alluvium compare --align bytes base.h5 new-tokenizer.h5\n"
                           "  alluvium compare --series step1000.h5 step2000.h5 step3000.h5 --json series.json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
