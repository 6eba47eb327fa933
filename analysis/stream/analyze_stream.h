#pragma once
// Where languages lie in the residual stream, layer by layer: a depth curve for every checkpoint,
// whatever of it has a router. What it says about a Mixture-of-Experts is not what its routers do;
// of a dense checkpoint it is all that can be compared with them.
#include <map>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/stream/centroid_probe.h"
#include "analysis/stream/translation_distance.h"

namespace alluvium {

struct StreamLayer {
    LayerId layer = 0;  // the stream after it; -1: what enters layer 0
    bool routed = false;
    std::size_t prompts = 0;     // with a vector here
    Estimate language_variance;  // analysis/stream/language_variance.h
    TranslationDistance translations;
    CentroidProbe probe;
};

struct StreamAnalysis {
    std::string by, where, trace_path;
    ModelInfo model;
    bool from_means = false;  // recorded as means over prompts
    PromptDesign design;
    std::vector<std::string> groups;
    std::vector<StreamLayer> layers;
    // Of the language variance after layers 0.., by the rules of the routing's verdict (a
    // difference counts from 0.02 of the variance); no null band, controls or sentence.
    Verdict verdict;
    std::string sentence;
    std::map<std::string, std::string> missing;
};

// Whether a trace holds what it takes.
bool has_stream(const RoutingTrace& trace);

// UserError as PromptVectors and take_sample; by token class, which no prompt has; for fewer than
// two groups.
StreamAnalysis analyze_stream(const RoutingTrace& trace, const AnalysisOptions& options,
                              Progress& progress);

}  // namespace alluvium
