#pragma once
// A judged claim as a document: what was fixed beforehand, what every trace says of it and why,
// what the sample was able to show, and the forest plot.
#include <string>
#include <vector>

#include "analysis/claims/judge_claim.h"
#include "analysis/figures/figure.h"
#include "analysis/report/report.h"

namespace alluvium {

// `forest`: of the same results. `made_by`: the command line, for the last paragraph.
Report claim_report(const Claim& claim, const std::vector<ClaimResult>& results, Figure forest,
                    const std::string& made_by);

}  // namespace alluvium
