#pragma once
// What a person can ask of an analysis.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alluvium {

enum class Weighting {
    count,  // every chosen expert counts 1
    mass,   // ... counts its applied weight, each token's weights first normalised to sum 1
};

enum class FlowKind {
    mass,  // every pair of experts of two layers carries the product of their weights
    top1,  // best experts only, one per layer
};

// Which experts a circuit keeps, per layer and group.
struct KeepRule {
    enum class Kind {
        mass,   // the smallest set that carries `amount` of the group's mass
        ratio,  // those that at least `amount` of the group's tokens choose
    };
    Kind kind = Kind::mass;
    double amount = 0.5;

    bool operator==(const KeepRule&) const = default;
};

struct CircuitOptions {
    KeepRule keep;
    FlowKind flow = FlowKind::mass;
};

// What stands beside the verdict. The token limits keep memory and time bounded: of a trace with
// more tokens only some prompts are drawn for controls that look at single tokens.
struct ControlOptions {
    bool robustness = true;   // the same verdict under other ways to count
    bool information = true;  // what is left between equal tokens; redrawn routers
    std::uint64_t robustness_tokens = 1u << 20;
    std::uint64_t information_tokens = 1u << 16;

    bool any() const { return robustness || information; }
    static ControlOptions none() { return {.robustness = false, .information = false}; }
};

struct AnalysisOptions {
    // language, family, branch, script, resource, level, domain, group, prompt, or a further column
    // of the prompt file.
    std::string by = "language";
    // The slice that is analysed (analysis/slices/slice.h); empty: everything.
    std::string where;
    Weighting weighting = Weighting::count;
    bool include_special = false;  // BOS and template tokens
    std::uint64_t seed = 0;
    unsigned permutations = 200;  // of the group labels, for the null
    unsigned bootstraps = 200;    // of the translation groups, for the onset
    unsigned noise_splits = 20;   // per group, for the noise floor
    ControlOptions controls;
    std::optional<CircuitOptions> circuit;
    // An expert is exclusive to a group that holds more than max(exclusive_share, 2 / groups) of
    // it, among the group's `exclusive_top` most used experts.
    double exclusive_share = 0.4;
    unsigned exclusive_top = 15;
    std::size_t pairwise_limit = 128;  // groups above which no [G, G] table is made per layer
};

// "count", "mass"; "mass", "top1"; "mass:0.5", "ratio:0.5". UserError names the option and what it
// takes.
Weighting parse_weighting(std::string_view text);
FlowKind parse_flow(std::string_view text);
KeepRule parse_keep_rule(std::string_view text);

std::string to_string(Weighting weighting);
std::string to_string(FlowKind flow);
std::string to_string(const KeepRule& rule);

}  // namespace alluvium
