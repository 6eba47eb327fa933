#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/intervene/intervene.h"
#include "model/intervene/judged_prompts.h"
#include "model/intervene/run_statistics.h"

namespace alluvium {

// The interventions with all they need from the unchanged run, then their controls: the same
// changes with every target replaced by another expert of its layer and of similar load; for a
// swap, the same shifts of the logits with the experts' places shuffled. Fewer than asked for are
// told in `notes`; nothing to change has no controls.
std::vector<Variant> make_variants(const InterveneOptions& options, const RunStatistics& run,
                                   const JudgedPrompts& prompts, std::vector<std::string>& notes);

}  // namespace alluvium
