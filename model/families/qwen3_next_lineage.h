#pragma once
// What Qwen3-Next and Qwen3.5-MoE share: three layers of the gated delta rule to one of gated
// attention, norms whose weights are stored as distances from 1, routed layers with a gated shared
// expert.
#include <functional>

#include "model/families/parts.h"

namespace alluvium {

// The projections of the delta rule under "...linear_attn.", sizes and other parts already there.
using DeltaProjections = std::function<void(DeltaSpec& delta, const std::string& prefix)>;
// The layer's feed-forward part under "...mlp.".
using NextFeedForward =
    std::function<std::variant<FeedForwardSpec, MoeSpec>(LayerId layer, const std::string& prefix)>;

DecoderSizes qwen3_next_sizes(const ConfigReader& config);

ModelSpec qwen3_next_decoder(const Checkpoint& checkpoint, const TextDecoder& text,
                             const DecoderSizes& sizes, const DeltaProjections& projections,
                             const NextFeedForward& feed_forward);

}  // namespace alluvium
