#include <iostream>

#include "app/commands/command.h"
#include "base/error.h"
#include "base/files.h"
#include "captures/validate.h"

namespace alluvium {
namespace {

Json to_json(const TraceReport& report) {
    Json problems = Json::array();
    for (const TraceProblem& problem : report.problems) {
        problems.push_back({{"dataset", problem.dataset},
                            {"what", problem.what},
                            {"rows", problem.rows},
                            {"first_rows", problem.first_rows}});
    }
    return {{"path", report.path},
            {"ok", report.ok()},
            {"kind", report.kind == TraceKind::counts ? "counts" : "tokens"},
            {"bytes", report.bytes},
            {"prompts", report.prompts},
            {"prompts_done", report.prompts_done},
            {"prompts_truncated", report.prompts_truncated},
            {"tokens", report.tokens},
            {"groups", report.groups},
            {"layers", report.layers},
            {"fields", report.fields},
            {"problems", problems},
            {"notes", report.notes}};
}

void print(const TraceReport& report) {
    std::cout << report.path << ": " << human_bytes(report.bytes) << ", " << report.layers.size()
              << " routed layers, ";
    if (report.kind == TraceKind::counts) {
        std::cout << report.groups.size() << " groups (counts)";
    } else {
        std::cout << report.prompts_done << " of " << report.prompts << " prompts, " << report.tokens
                  << " tokens";
    }
    std::cout << "\nfields:";
    for (const std::string& field : report.fields) std::cout << ' ' << field << ';';
    std::cout << '\n';
    for (const std::string& text : report.notes) std::cout << "note: " << text << '\n';
    for (const TraceProblem& problem : report.problems) {
        std::cout << "problem: " << problem.sentence() << '\n';
    }
    if (report.ok()) std::cout << "every row is valid\n";
}

void run(const std::string& path, const JsonOption& json) {
    TraceReport report;
    {
        Progress progress;
        const ProgressLine line(progress, "checking", "arrays");
        report = validate_trace(path, &progress);
    }
    json.write(to_json(report));
    if (!json.to_stdout()) print(report);
    if (!report.ok()) {
        throw UserError("'" + path + "' has " + std::to_string(report.problems.size()) + " problems",
                        "analyses take the rows named as missing; capture or import it again");
    }
}

}  // namespace

void add_check(CLI::App& program) {
    auto* command = program.add_subcommand("check", "Validate a trace completely, row by row");
    const auto path = std::make_shared<std::string>();
    const auto json = std::make_shared<JsonOption>();
    command->add_option("TRACE", *path, "Trace file (.h5)")->required();
    json->add_to(*command);
    set_examples(*command, "  alluvium check apollo.h5\n  alluvium check apollo.h5 --json");
    command->callback([path, json] { run(*path, *json); });
}

}  // namespace alluvium
