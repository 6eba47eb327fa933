#pragma once
// What importers need of a model's config.json: the shape of its routing.
#include <cstdint>
#include <optional>
#include <string>

#include "captures/routing_trace.h"

namespace alluvium {

struct RoutingShape {
    ModelInfo model;  // name, family, sizes and config_json
    std::uint32_t experts = 0;
    std::uint32_t top_k = 0;
    std::uint32_t shared_experts = 0;
    std::string rule;  // as far as the config says

    // Whether the config gives this decoder layer a router (mlp_only_layers, decoder_sparse_step,
    // first_k_dense_replace, moe_layer_freq).
    bool routes(LayerId layer) const;

    std::vector<LayerId> dense_layers;
    std::int64_t sparse_step = 1;
    std::int64_t sparse_offset = 0;  // layer is routed when (layer + offset) % step == 0
};

// From a config.json or the folder that holds it; a nested text_config is looked into. UserError
// where it names no number of experts or of chosen ones.
RoutingShape read_routing_shape(const std::string& path);

}  // namespace alluvium
