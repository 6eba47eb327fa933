#pragma once
// Qwen2's decoder, which Qwen2-MoE and the models upcycled from it share: biases on queries, keys
// and values, grouped queries, a gated SiLU feed-forward part.
#include <functional>
#include <string>

#include "model/families/parts.h"

namespace alluvium {

// The routed part of a layer; `prefix` is "model.layers.7.mlp.".
using RoutedPart = std::function<MoeSpec(const std::string& prefix)>;

// Layers are routed by `routed_part` where their router's tensor exists, dense elsewhere. An empty
// `routed_part`: all are dense.
ModelSpec qwen2_decoder(const Checkpoint& checkpoint, const ConfigReader& config,
                        const DecoderSizes& sizes, const RoutedPart& routed_part);

// The shared expert at `prefix` + "shared_expert.", scaled by a sigmoid gate.
SharedExpertSpec qwen2_shared_expert(const std::string& prefix, const DecoderSizes& sizes,
                                     std::int64_t width);
// A routed layer with that shared expert, its rule as the config says; `renormalise`: where the
// config does not say.
MoeSpec qwen2_routed_part(const ConfigReader& config, const DecoderSizes& sizes,
                          const std::string& prefix, bool renormalise);

}  // namespace alluvium
