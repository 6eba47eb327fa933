#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/intervene/intervene.h"
#include "model/intervene/judged_prompts.h"
#include "model/intervene/run_statistics.h"

namespace alluvium {

// The intervention with all it needs from the unchanged run, then its controls: the same change of
// other experts of the same layers and of similar load; for a swap, the same shifts of the logits
// with the experts' places shuffled. Fewer than asked for are told in `notes`.
std::vector<Intervention> make_variants(const InterveneOptions& options, const RunStatistics& run,
                                        const JudgedPrompts& prompts,
                                        std::vector<std::string>& notes);

}  // namespace alluvium
