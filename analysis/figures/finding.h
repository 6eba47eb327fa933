#pragma once
// What a figure says above itself: the finding, then measure, sample and chance.
#include <span>
#include <string>

#include "analysis/analyze.h"
#include "analysis/figures/groups.h"

namespace alluvium {

// The verdict's headline, with the layer from which the groups stay apart where there is one.
std::string finding_sentence(const Analysis& analysis);

// "OLMoE-1B-7B; 12 languages, 1,204 to 1,530 tokens each": model and sample.
std::string sample_sentence(const Analysis& analysis, std::span<const GroupLook> looks);

// "; checkpoint 354e02d9a1bf": the beginning of its id; nothing where the trace does not say.
std::string checkpoint_sentence(const ModelInfo& model);

// "12 experts, top 2" or, where layers differ, "8 to 12 experts, top 1 to 2".
std::string experts_sentence(const Analysis& analysis);

}  // namespace alluvium
