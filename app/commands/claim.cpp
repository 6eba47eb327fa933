#include <cmath>
#include <iostream>

#include "analysis/claims/claim_json.h"
#include "analysis/claims/claim_report.h"
#include "analysis/figures/forest_figure.h"
#include "analysis/number_text.h"
#include "app/commands/command.h"
#include "app/commands/figure_flags.h"
#include "app/commands/model_options.h"
#include "app/painters/report_html.h"

namespace alluvium {
namespace {

struct Options {
    std::string claim;
    std::vector<std::string> traces;
    FigureFlags figure;
    std::string report;
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
    options.figure.check();
    if (!options.report.empty()) check_report_path(options.report);
    const Claim claim = read_claim(options.claim);
    std::vector<ClaimResult> results;
    for (const std::string& path : options.traces) results.push_back(judge(path, claim));
    if (options.figure.given() || !options.report.empty()) {
        Figure forest = forest_figure(claim, results, {.width = options.figure.width()},
                                      options.figure.theme(), pango_meter());
        options.figure.save(forest);
        if (!options.report.empty()) {
            save_report(claim_report(claim, results, std::move(forest), command_line()),
                        options.report);
        }
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
    options->figure.add_to(*command);
    command->add_option("--report", options->report,
                        "Everything as one document: html (with the forest plot), or md");
    options->json.add_to(*command);
    set_examples(*command,
                 "  alluvium claim captures/examples/claims/spread-out-in-the-end.toml apollo.h5\n"
                 "  alluvium claim u-shape.toml step1000.h5 step2000.h5 step3000.h5 -o forest.pdf\n"
                 "  alluvium claim u-shape.toml apollo.h5 other.h5 --report u-shape.html\n"
                 "  alluvium claim u-shape.toml apollo.h5 --json");
    command->callback([options] { run(*options); });
}

}  // namespace alluvium
