#pragma once
#include <string>
#include <string_view>

#include "analysis/estimate.h"
#include "analysis/pattern.h"

namespace alluvium {

enum class Agreement {
    same,
    changed,  // both conclusive, and different
    unclear,  // the variant is inconclusive, or there was no conclusion to compare with
};

// The verdict of one other way to count.
struct RobustnessRow {
    std::string variant;  // "top1", "without:ar", ...
    std::string words;    // for sentences: "best experts alone"
    Pattern pattern = Pattern::inconclusive;
    Estimate d_late, d_early;
    Agreement agreement = Agreement::unclear;
};

std::string_view to_string(Agreement agreement);

// Neither inconclusive nor impossible to judge.
bool is_conclusive(Pattern pattern);

Agreement agreement_of(Pattern verdict, Pattern variant);

}  // namespace alluvium
