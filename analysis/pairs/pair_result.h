#pragma once
// What a capture of pair prompts says, whichever kind they are of.
#include <string>
#include <variant>

#include "analysis/pairs/minimal_pair.h"
#include "analysis/pairs/read_or_written.h"
#include "base/json.h"

namespace alluvium {

using PairResult = std::variant<MinimalPair, ReadOrWritten>;

// Of a trace of pair_prompts() or request_prompts(). UserError where it is of neither.
PairResult read_pairs(const RoutingTrace& trace, const Progress& progress);

Json pairs_json(const PairResult& result);

const std::string& sentence_of(const PairResult& result);

}  // namespace alluvium
