// Qwen3-MoE (Qwen3-30B-A3B, Qwen3-235B-A22B, Qwen3-Coder): no shared expert.
#include "model/families/builders.h"
#include "model/families/qwen3_lineage.h"

namespace alluvium {
namespace {

RouterSpec router_rule(const ConfigReader& config) {
    RouterSpec rule;
    const char* experts = config.has("num_experts") ? "num_experts" : "num_local_experts";
    rule.experts = static_cast<int>(config.count(experts));
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 8));
    rule.renormalise = config.flag_or("norm_topk_prob", false);
    return rule;
}

}  // namespace

ModelSpec qwen3_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
    const bool has_window = config.flag_or("use_sliding_window", false);
    return qwen3_decoder(checkpoint, config, sizes, [&](LayerId layer, const std::string& mlp) {
        Qwen3Layer part;
        part.window = has_window ? common_window(config) : 0;
        if (is_routed(checkpoint, mlp + "gate.weight", promised_by_step(config, layer))) {
            part.feed_forward = routed_feed_forward(mlp, sizes, router_rule(config),
                                                    config.count("moe_intermediate_size"));
        } else {
            part.feed_forward = gated_feed_forward(mlp, sizes, config.count("intermediate_size"));
        }
        return part;
    });
}

}  // namespace alluvium
