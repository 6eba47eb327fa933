#pragma once
// Which experts two predictions came by: the same sentence in two languages, or two sentences.
#include <vector>

#include "captures/information_flow.h"

namespace alluvium {

// The largest share that an expert brought to a layer's output at any token; 0: not kept.
struct FlowExpert {
    int expert = 0;
    double a = 0, b = 0;
};

struct FlowLayerOverlap {
    LayerId layer = 0;
    std::vector<FlowExpert> both, only_a, only_b;  // by number
};

struct FlowOverlap {
    std::vector<FlowLayerOverlap> layers;  // bottom up; those where either kept an expert
    std::size_t both = 0, only_a = 0, only_b = 0;

    // Common experts of all that either came by, 0 .. 1; NaN where there are none.
    double jaccard() const;
};

// UserError where the two are not of one model: experts of a number would not be the same. Experts
// that bring less than either's threshold are not compared.
FlowOverlap flow_overlap(const InformationFlow& a, const InformationFlow& b);

Json flow_overlap_json(const FlowOverlap& overlap);

}  // namespace alluvium
