#pragma once
// Whether the residual stream tells a prompt's language: the nearest centroid (squared distance to
// the mean of a language's prompts), for prompts of units that were held out when the means were
// taken, one unit at a time: with a translation group all its languages are held out, so a sentence
// that the means have seen in another language helps nobody.
//
// Accuracy is the mean over the languages of the share of their prompts that are told, so chance is
// 1 / languages, however many prompts each has.
#include <vector>

#include "analysis/estimate.h"
#include "analysis/stream/stream_rows.h"

namespace alluvium {

struct CentroidProbe {
    // Interval: Wilson's for the number of prompts, of which those of one unit count for less the
    // more alike they come out.
    Estimate accuracy;
    double chance = kMissing;
    std::vector<double> by_label;  // [G]; missing where a label has prompts of a single unit only
};

CentroidProbe centroid_probe(const StreamRows& sample,
                             const std::vector<std::vector<std::uint32_t>>& units);

}  // namespace alluvium
