#include "app/commands/analysis_options.h"

#include "analysis/slices/slice.h"

namespace alluvium {

void AnalysisFlags::add_to(CLI::App& command, const std::string& keep_name) {
    command
        .add_option("--by", by,
                    "Group tokens by language, family, branch, script, resource, level, domain, class, "
                    "group, prompt "
                    "or a further column of the prompt file")
        ->capture_default_str();
    command.add_option(
        "--where", where,
        "Count these tokens only, for instance 'domain=medical and class=word and L22:E3' "
        "(docs/slices.md)");
    command
        .add_option("--weighting", weighting,
                    "count: every chosen expert counts 1; mass: its weight")
        ->capture_default_str();
    command.add_option("--flow", flow, "Of the circuit: mass (every pair of experts) or top1")
        ->capture_default_str();
    command.add_option(
        keep_name, keep,
        "Experts of the circuit: mass:0.5 (half of a language's mass) or ratio:0.5 (half "
        "of its tokens)");
    command.add_flag("--include-special", include_special, "Count BOS and template tokens too");
    command.add_flag(
        "--controls,!--no-controls", controls,
        "Nested information, redrawn routers and the robustness table (on unless --no-controls)");
    command.add_option("--seed", seed, "Of permutations and resamples")->capture_default_str();
}

AnalysisOptions AnalysisFlags::parsed() const {
    AnalysisOptions options;
    options.by = by;
    if (!where.empty()) options.where = parse_slice(where).text;
    options.weighting = parse_weighting(weighting);
    options.include_special = include_special;
    options.seed = seed;
    if (!controls) options.controls = ControlOptions::none();
    const FlowKind kind = parse_flow(flow);
    if (!keep.empty()) {
        options.circuit = CircuitOptions{.keep = parse_keep_rule(keep), .flow = kind};
    }
    return options;
}

}  // namespace alluvium
