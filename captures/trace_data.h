#pragma once
// A trace held in memory: what importers fill, what write_trace() stores and what tests build.
#include <string>
#include <vector>

#include "captures/routing_trace.h"

namespace alluvium {

// Empty arrays stand for fields that are not recorded. Rows = header.token_count.
struct LayerData {
    Grid<ExpertId> experts;                      // [T, k]
    Grid<float> weights;                         // [T, k]
    Grid<float> logits;                          // [T, E]
    std::vector<float> margin;                   // [T]
    std::vector<Grid<ExpertId>> random_experts;  // [R][T, k]
    LayerCounts counts;                          // kind == counts
};

struct TraceData {
    TraceHeader header;
    TokenTable tokens;
    std::vector<LayerData> layers;  // parallel to header.layers
    std::map<LayerId, Grid<float>> hidden;
    std::map<LayerId, Grid<float>> stream_means;  // [P, H]: captures/stream_means.h
    std::vector<float> next_token_nll;
};

// The has_... flags of the header are set from what `data` holds. UserError where sizes disagree.
TracePtr make_trace(TraceData data);

enum class Precision { f16, f32 };

// Stores the whole trace as one uncompressed file, atomically.
void write_trace(const TraceData& data, const std::string& path,
                 Precision precision = Precision::f16);

}  // namespace alluvium
