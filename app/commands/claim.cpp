#include <cmath>
#include <iostream>

#include "analysis/claims/claim_json.h"
#include "analysis/figures/forest_figure.h"
#include "analysis/number_text.h"
#include "app/commands/command.h"
#include "app/painters/cairo_painter.h"
#include "base/files.h"

namespace alluvium {
namespace {

struct Options {
    std::string claim;
    std::vector<std::string> traces;
    std::string output, data;
    bool dark = false;
    JsonOption json;
};

void print(const Claim& claim, const std::vector<ClaimResult>& results) {
    std::cout << claim.name << " (claim file " << claim.file_hash << ")\n";
    if (!claim.statement.empty()) std::cout << claim.statement << '\n';
    for (const ClaimResult& result : results) {
        std::cout << '\n' << to_string(result.outcome) << ": " << result.path << '\n';
        for (const std::string& reason : result.reasons) std::cout << "  " << reason << '\n';
        for (const MeasuredEffect& effect : result.effects) {
            std::cout << "  " << effect.name << ' ' << interval_text(effect.value);
            if (std::isfinite(effect.power)) {
                std::cout << ", power " << fixed_text(effect.power) << " for an effect of "
                          << fixed_text(claim.power.effect);
            }
            std::cout << '\n';
        }
    }
    std::cout << std::flush;
}

ClaimResult judge(const std::string& path, const Claim& claim) {
    const TracePtr trace = open_trace(path);
    Progress progress;
    const ProgressLine line(progress, "judging " + path, "steps");
    return judge_claim(*trace, claim, progress);
}

void run(const Options& options) {
    if (!options.output.empty()) check_figure_path(options.output);
    const Claim claim = read_claim(options.claim);
    std::vector<ClaimResult> results;
    for (const std::string& path : options.traces) results.push_back(judge(path, claim));
    if (!options.output.empty() || !options.data.empty()) {
        const Figure figure = forest_figure(
            claim, results, {}, options.dark ? dark_theme() : light_theme(), pango_meter());
        if (!options.output.empty()) save_figure(figure, options.output);
        if (!options.data.empty()) write_file_atomically(options.data, figure_csv(figure));
    }
    options.json.write(claim_json(claim, results));
    if (!options.json.to_stdout()) print(claim, results);
}

}  // namespace

void add_claim(CLI::App& program) {
    auto* command = program.add_subcommand(
        "claim",
        "Test a claim written down beforehand: supported, refuted or inconclusive per trace");
    const auto options = std::make_shared<Options>();
    command->add_option("CLAIM", options->claim, "Claim file (.toml, docs/claims.md)")->required();
    command
        ->add_option("TRACE", options->traces,
                     "Trace files (.h5); of a checkpoint, 'alluvium capture' makes one")
        ->required()
        ->expected(1, -1);
    command->add_option("-o,--output", options->output,
                        "Forest plot over the traces: svg, pdf or png");
    command->add_option("--data", options->data, "Write the plot's numbers as CSV");
    command->add_flag("--dark", options->dark, "Light on dark");
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium claim captures/examples/claims/spread-out-in-the-end.toml apollo.h5\n"
                 "  alluvium claim u-shape.toml step1000.h5 step2000.h5 step3000.h5 -o forest.pdf\n"
                 "  alluvium claim u-shape.toml apollo.h5 --json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
