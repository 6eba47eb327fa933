#pragma once
// What a trace says about a claim.
//
// supported: the hypothesis holds and every control that the claim asks for bears it out.
// refuted: the trace decides, and otherwise; or it decides for the hypothesis, and equal tokens
// decide against it or routers that learned nothing do as much. inconclusive: anything else, with
// the reasons.
//
// A pattern holds where the verdict is one of those claimed (docs/metrics.md). An effect holds
// where its 95 % interval lies above the threshold and is refuted where it lies below; the
// verdict's own rules (0.02, Holm) do not apply.
//
// Power: P(T > t(0.975, df) - effect / se) of a t test whose standard error is the trace's, for the
// effect that was planned; units needed = units (se (t + t_power) / effect)^2.
#include <optional>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/claims/claim.h"

namespace alluvium {

enum class Outcome { supported, refuted, inconclusive };
std::string_view to_string(Outcome outcome);

// A contrast of relative divergence, with what the trace could have seen of it.
struct MeasuredEffect {
    std::string name;  // "late - middle"
    Estimate value;
    double power = kMissing;       // for the planned effect
    std::size_t units_needed = 0;  // for the planned power; 0: unknown
};

struct ClaimResult {
    std::string path;
    ModelInfo model;
    Outcome outcome = Outcome::inconclusive;
    std::vector<std::string> reasons;     // in the order of their weight
    std::vector<MeasuredEffect> effects;  // one for an effect; late and early minus middle else
    Verdict verdict;
    PromptDesign design;
    std::uint64_t tokens = 0;
    std::size_t groups = 0;
};

// UserError as analyze(); Cancelled.
ClaimResult judge_claim(const RoutingTrace& trace, const Claim& claim, Progress& progress);

}  // namespace alluvium
