#pragma once
// An intervention's result as JSON, for scripts.
#include <string>
#include <vector>

#include "base/json.h"
#include "model/intervene/answer_effects.h"
#include "model/intervene/intervene.h"
#include "model/intervene/necessity.h"

namespace alluvium {

struct InterventionReport {
    std::string checkpoint;     // folder, as given
    std::string checkpoint_id;  // content id
    InterventionResult result;
    std::vector<Necessity> necessity;   // empty: not asked
    std::vector<AnswerEffect> answers;  // empty: not asked
};

// {"operator", "targets": [[layer, expert]], "interventions": [{"operator", "targets", "rows",
// "lambda" of boost, "swap", "words"}], "groups": {L: {"prompts", "tokens", "missing",
// "visited", "nll_change": [v, lo, hi], "kl", "kl_interval", "top1_change", "top1_interval",
// "control": {"n", "visited", "nll_change_mean", "nll_change_sd", "low", "high", "at_least", "p",
// "kl_mean", "kl_sd", "top1_change_mean", "top1_change_sd"}}}, "controls": [...], "needed_by":
// [...], "questions": {...}, "notes"}. Intervals are null where a language has a single unit;
// visited is null where no expert is named (swap). Of several that act together "operator" is
// "drop + force", "targets" and "load" are of all; "rows", "lambda" and "swap" at the top are left
// to those of "interventions".
Json intervention_json(const InterventionReport& report);

}  // namespace alluvium
