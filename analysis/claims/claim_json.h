#pragma once
#include <vector>

#include "analysis/claims/judge_claim.h"
#include "base/json.h"

namespace alluvium {

// {"claim": {name, statement, source, file, hash}, "traces": [{trace, model, checkpoint_id,
// outcome,
//  reasons, pattern, remainder_pattern, tokens, groups, units, prompt_set,
//  "effects": [{name, "value": [v, low, high], power, units_needed}]}]}
Json claim_json(const Claim& claim, const std::vector<ClaimResult>& results);

}  // namespace alluvium
