#include "app/session/reproduce_command.h"

#include <algorithm>
#include <cctype>

#include "analysis/figures/colors.h"

namespace alluvium {
namespace {

bool needs_no_quotes(unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string("_-./:=,+%@").find(static_cast<char>(c)) != std::string::npos;
}

std::string joined(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : ",") + word;
    return list;
}

}  // namespace

std::string shell_quoted(const std::string& word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(), needs_no_quotes)) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

std::string reproduce_command(const FigureRequest& request, const std::vector<std::string>& traces,
                              const std::string& output) {
    const AnalysisOptions fresh;
    std::string command = "alluvium render " + to_string(request.kind);
    for (const std::string& trace : traces) command += " " + shell_quoted(trace);
    const auto add = [&](const std::string& option, const std::string& value) {
        command += " " + option + " " + shell_quoted(value);
    };
    if (request.options.by != fresh.by) add("--by", request.options.by);
    if (!request.options.where.empty()) add("--where", request.options.where);
    if (request.options.weighting != fresh.weighting) {
        add("--weighting", to_string(request.options.weighting));
    }
    if (request.options.include_special) command += " --include-special";
    if (request.options.seed != fresh.seed) add("--seed", std::to_string(request.options.seed));
    if (request.kind == FigureKind::circuit && request.options.circuit) {
        add("--keep", to_string(request.options.circuit->keep));
        if (request.options.circuit->flow != FlowKind::mass) {
            add("--flow", to_string(request.options.circuit->flow));
        }
    }
    if (request.kind == FigureKind::heatmap && request.measure == Measure::share) {
        add("--style", "talk");
    }
    const bool sorted =
        request.kind == FigureKind::heatmap || request.kind == FigureKind::difference;
    if (sorted && request.sort != ExpertSort{}) add("--order", to_string(request.sort));
    const bool takes_groups =
        request.kind == FigureKind::heatmap || request.kind == FigureKind::difference ||
        (request.kind == FigureKind::circuit && request.groups.size() <= kMaxSelected);
    if (takes_groups && !request.groups.empty()) add("--groups", joined(request.groups));
    add("-o", output);
    return command;
}

}  // namespace alluvium
