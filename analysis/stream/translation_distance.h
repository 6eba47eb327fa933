#pragma once
// How far translations of one sentence lie apart in the residual stream.
//
//   y_p      = (x_p - m) / |x_p - m|,  m = mean of the labels' means
//   distance = 1 - mean over units of the mean cosine of their pairs of prompts of unlike label
//
// 0: a sentence lies at one place in all languages; 1: at right angles. `unrelated` is the same for
// pairs of different sentences, which is what chance gives: about 1.
#include <vector>

#include "analysis/estimate.h"
#include "analysis/prompt_units.h"
#include "analysis/stream/stream_rows.h"

namespace alluvium {

struct TranslationDistance {
    Estimate distance;  // interval: mean -+ t standard errors over the units
    double unrelated = kMissing;
};

// `units`: the translation groups' prompts. Missing where no unit holds two labels.
TranslationDistance translation_distance(const StreamRows& sample,
                                         const std::vector<std::vector<std::uint32_t>>& units);

}  // namespace alluvium
