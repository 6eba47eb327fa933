// Apollo-MoE (arXiv 2410.10626): Qwen2 upcycled, every expert as wide as the dense feed-forward
// part. Post-MoE checkpoints route the last layers only, which the tensors show and the config may
// not.
#include "model/families/builders.h"
#include "model/families/qwen2_lineage.h"

namespace alluvium {
namespace {

MoeSpec routed_part(const ConfigReader& config, const DecoderSizes& sizes,
                    const std::string& prefix) {
    // With share_flag one of the experts that the config counts, and one of the k, is the shared
    // one.
    const bool shares = config.flag_or("share_flag", false);
    const int shared = shares ? 1 : 0;
    const std::int64_t width = config.count("intermediate_size");
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count_or("num_experts", 12)) - shared;
    rule.top_k = static_cast<int>(config.count_or("num_experts_per_tok", 2)) - shared;
    rule.renormalise = config.flag_or("norm_topk_prob", false);
    rule.shared_experts = shared;
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, width);
    if (shares) moe.shared = qwen2_shared_expert(prefix, sizes, width);
    return moe;
}

}  // namespace

ModelSpec upcycling_qwen2_moe_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const DecoderSizes sizes = decoder_sizes(config);
    return qwen2_decoder(checkpoint, config, sizes, [&](const std::string& prefix) {
        return routed_part(config, sizes, prefix);
    });
}

}  // namespace alluvium
