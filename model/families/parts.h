#pragma once
// The parts that families are put together from. All take names and shapes from the published
// Hugging Face layout and the sizes from config.json.
#include <string>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/families/model_spec.h"

namespace alluvium {

// What nearly every decoder's config gives.
struct DecoderSizes {
    std::int64_t hidden = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t kv_heads = 0;
    std::int64_t head_dim = 0;
    std::int64_t vocab = 0;
    double norm_epsilon = 0;
    RotarySpec rotary;
    Activation activation = Activation::silu;
};

// UserError where a size is absent or sizes contradict each other, and on an activation, rotary
// scaling or quantisation that cannot be computed (naming it and what is supported).
DecoderSizes decoder_sizes(const ConfigReader& config);

// "model.layers.7."
std::string layer_prefix(LayerId layer);

LinearSpec linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias = false);
NormSpec rms_norm(const std::string& name, std::int64_t width, double epsilon);

struct AttentionBiases {
    bool query_key_value = false;
    bool output = false;
};

// self_attn.{q,k,v,o}_proj under `prefix`, scaled by 1/sqrt(D).
AttentionSpec attention(const std::string& prefix, const DecoderSizes& sizes,
                        AttentionBiases biases);

// {gate,up,down}_proj under `prefix`, of the given width.
FeedForwardSpec gated_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                                   std::int64_t width);

// A router `gate` and `experts.N.` under `prefix` ("model.layers.7.mlp."), experts of equal width.
MoeSpec routed_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                            const RouterSpec& rule, std::int64_t width);

// Embedding, final norm and output head around the layers, which the caller adds. The head is the
// embedding where the config ties them, or says nothing and the checkpoint holds no head.
ModelSpec decoder(const Checkpoint& checkpoint, const DecoderSizes& sizes);

// Window of a layer in models whose config switches sliding windows on for some layers; 0: none.
std::int64_t sliding_window(const ConfigReader& config, LayerId layer, std::int64_t layers);

}  // namespace alluvium
