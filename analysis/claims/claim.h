#pragma once
// A claim about routing, written down before it is tested: docs/claims.md has the file's format.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/options.h"
#include "analysis/pattern.h"

namespace alluvium {

// Routed layers from one share of the depth to another: layer i of n belongs where
// from <= (i + 1/2) / n < to. The named ones are the verdict's own.
struct ClaimWindow {
    std::string name;         // "early", "middle", "late", "last_two", or what the numbers say
    double from = 0, to = 0;  // 0 .. 1; used where `name` is none of these
};

// Mean relative divergence of one window minus that of another, against a threshold.
struct ClaimEffect {
    ClaimWindow higher, lower;
    double above = 0;
};

struct ClaimControls {
    bool remainder = false;      // the same pattern between tokens of equal class, place and id
    bool random_router = false;  // late layers above what routers give that learned nothing
    double robustness = 0;       // least share of the other ways to count that must agree; 0: none
};

// What the test was planned to be able to see.
struct ClaimPower {
    double effect = 0.05;  // of relative divergence
    double power = 0.8;
};

struct Claim {
    std::string path, file_hash;  // of the file's bytes: what was fixed
    std::string name, statement, source;
    // Exactly one of the two: any of these patterns, or the effect.
    std::vector<Pattern> patterns;
    std::optional<ClaimEffect> effect;

    std::string prompt_set;  // hash; empty: any prompts
    std::size_t fewest_groups = 2;
    std::size_t fewest_units = 2;  // translation groups, or prompts
    AnalysisOptions options;       // by, where, weighting, seed
    ClaimControls controls;
    ClaimPower power;
};

// The pattern of that name; nothing for those that no trace can be claimed to show.
std::optional<Pattern> claimable_pattern(std::string_view name);

// UserError names file and line: malformed TOML, an unknown key or pattern, no hypothesis.
Claim read_claim(const std::string& path);

}  // namespace alluvium
