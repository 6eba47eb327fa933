#pragma once
// Where the groups part ways, judged: the table of docs/metrics.md.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/estimate.h"
#include "analysis/pattern.h"
#include "analysis/robustness_row.h"
#include "base/ids.h"

namespace alluvium {

// Layers [first, last], true decoder layers.
struct LayerWindow {
    LayerId first = 0;
    LayerId last = 0;
};

// The first layer from which the groups stay apart, with a 95 % bootstrap interval.
struct Onset {
    LayerId layer = 0;
    LayerId low = 0;
    LayerId high = 0;
    double found = 0;  // share of the bootstrap samples that have an onset
};

// The verdict on what the language explains beyond class, place and identity of the tokens.
struct Remainder {
    Pattern pattern = Pattern::unsupported;
    double support = 0;  // share of the tokens that can be compared
    Estimate d_late, d_early;
};

struct Verdict {
    Pattern pattern = Pattern::not_applicable;
    Basis basis = Basis::inferential;

    LayerWindow early_layers, middle_layers, late_layers;
    // Mean relative divergence of the three windows.
    double early = kMissing;
    double middle = kMissing;
    double late = kMissing;
    Estimate d_late;       // late - middle
    Estimate d_early;      // early - middle
    Estimate late_two;     // last two layers - middle, interval adjusted after Holm
    char late_sign = '?';  // '+', '-', '0' or '?'
    char early_sign = '?';
    // inconclusive: translation groups (or prompts per group) that would settle it; 0: unknown.
    std::size_t units_needed = 0;
    std::optional<Onset> onset;
    std::optional<Remainder> remainder;     // nothing where the control was not run
    std::vector<RobustnessRow> robustness;  // empty where it was not run

    std::string headline;  // the finding in a few words, for titles
    std::string sentence;  // to be quoted: names windows, prompt set, groups and tokens
};

}  // namespace alluvium
