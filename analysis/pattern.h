#pragma once
#include <string_view>

namespace alluvium {

enum class Pattern {
    spread_out_in_the_end,
    u_shaped,
    front_loaded,
    middle_peaked,
    flat,
    late_convergence,
    early_rise,
    rising,
    falling,
    inconclusive,
    no_language_routing,
    too_few_routed_layers,
    not_applicable,  // a single group: nothing to tell apart
    unsupported,     // of what remains: too few tokens can be compared
};

enum class Basis {
    inferential,  // from intervals
    descriptive,  // from the estimates alone: the prompts are unknown
};

std::string_view to_string(Pattern pattern);
std::string_view to_string(Basis basis);

}  // namespace alluvium
