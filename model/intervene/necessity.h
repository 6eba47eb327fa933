#pragma once
// "Is this expert needed by one language and not by another?", answered by an ablation.
#include <string>
#include <vector>

#include "model/intervene/intervene.h"

namespace alluvium {

enum class Need {
    needed,      // the NLL change's interval lies above 0, and the change above every control's
    not_needed,  // the interval lies below the margin
    undecided,   // neither
};

struct NecessityOptions {
    std::string by;                     // label
    std::vector<std::string> not_by{};  // labels; empty: every other language of the run
    double margin = 0.01;               // nats per token that would not matter
};

// The two languages side by side.
struct Necessity {
    std::string by, not_by;
    Need by_need = Need::undecided;
    Need not_by_need = Need::undecided;
    Estimate difference;     // NLL change of `by` minus that of `not_by`
    bool exclusive = false;  // needed by the one, not needed by the other, difference above 0
    std::string sentence;
};

// UserError where the result has no such language.
std::vector<Necessity> necessity(const InterventionResult& result, const NecessityOptions& options);

Need need_of(const Effect& nll_change, double margin);
std::string need_word(Need need);  // "needed", "not needed", "undecided"

}  // namespace alluvium
