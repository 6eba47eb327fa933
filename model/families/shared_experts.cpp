#include "model/families/shared_experts.h"

namespace alluvium {

namespace {

std::int64_t whole_number_or(const ConfigReader& config, const std::string& key,
                             std::int64_t otherwise) {
    if (!config.has(key)) return otherwise;
    if (!config.at(key).is_number_integer()) config.refuse(key, "a whole number");
    return config.at(key).get<std::int64_t>();
}

bool promised(const ConfigReader& config, LayerId layer) {
    return layer >= whole_number_or(config, "first_k_dense_replace", 0) &&
           layer % config.count_or("moe_layer_freq", 1) == 0;
}

}  // namespace

std::variant<FeedForwardSpec, MoeSpec> routed_or_dense(const Checkpoint& checkpoint,
                                                       const ConfigReader& config, LayerId layer,
                                                       const DecoderSizes& sizes,
                                                       const RouterSpec& rule) {
    const std::string prefix = layer_prefix(layer) + "mlp.";
    if (!is_routed(checkpoint, prefix + "gate.weight", promised(config, layer))) {
        return gated_feed_forward(prefix, sizes, config.count("intermediate_size"));
    }
    const std::int64_t width = config.count("moe_intermediate_size");
    MoeSpec moe = routed_feed_forward(prefix, sizes, rule, width);
    if (rule.choice_bias) {
        moe.choice_bias = WeightSpec{prefix + "gate.e_score_correction_bias", {rule.experts}};
    }
    if (rule.shared_experts > 0) {
        moe.shared = SharedExpertSpec{
            gated_feed_forward(prefix + "shared_experts.", sizes, rule.shared_experts * width),
            std::nullopt};
    }
    return moe;
}

RouterSpec biased_sigmoid_rule(const ConfigReader& config, const GroupDefaults& defaults,
                               const ExpertKeys& keys) {
    RouterSpec rule;
    rule.experts = static_cast<int>(config.count(keys.routed));
    rule.top_k = static_cast<int>(config.count("num_experts_per_tok"));
    rule.shared_experts = static_cast<int>(config.count_or(keys.shared, 1));
    rule.scoring = Scoring::sigmoid;
    rule.choice_bias = true;
    rule.groups = static_cast<int>(config.count_or("n_group", defaults.groups));
    rule.topk_groups = static_cast<int>(config.count_or("topk_group", defaults.kept));
    rule.group_score = GroupScore::best_two;
    rule.renormalise = config.flag_or("norm_topk_prob", true);
    rule.scale = config.number_or("routed_scaling_factor", 1);
    return rule;
}

}  // namespace alluvium
