#pragma once
// The parts that families are put together from. All take names and shapes from the published
// Hugging Face layout and the sizes from config.json.
#include <string>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/families/model_spec.h"
#include "model/families/rotary_config.h"

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
    NormKind norm_kind = NormKind::root_mean_square;
    double norm_weight_offset = 0;
    RotarySpec rotary;
    Activation activation = Activation::silu;
};

// Where a family's config has names of its own, and what it means where it says nothing.
struct DecoderDefaults {
    double norm_epsilon = 1e-6;
    std::string norm_key = "rms_norm_eps";
    std::string activation = "silu";
    std::string activation_key = "hidden_act";
    std::int64_t head_dim = 0;  // 0: hidden size / heads
    RotaryDefaults rotary{};
    bool mxfp4 = false;  // experts may be stored so
};

// UserError where a size is absent or sizes contradict each other, and on an activation, rotary
// scaling or quantisation that cannot be computed (naming it and what is supported).
DecoderSizes decoder_sizes(const ConfigReader& config, const DecoderDefaults& defaults = {});

// The text decoder of a model that reads pictures, too: its config is one of several, and its
// tensors have names of their own.
struct TextDecoder {
    ConfigReader config;
    std::string root = "model.";
    std::string head = "lm_head";
    std::vector<std::string> others{};  // what all other tensors' names start with: let be
};

// `nested` where the config has a text_config, else the whole of it with the usual names.
TextDecoder text_decoder(const Checkpoint& checkpoint, const std::string& root,
                         const std::string& head, const std::vector<std::string>& others);

// "model.layers.7."
std::string layer_prefix(LayerId layer, const std::string& root = "model.");

LinearSpec linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias = false);
NormSpec rms_norm(const std::string& name, std::int64_t width, double epsilon);
// Of the sizes' kind, over the hidden size.
NormSpec hidden_norm(const std::string& name, const DecoderSizes& sizes);

struct AttentionBiases {
    bool query_key_value = false;
    bool output = false;
};

// self_attn.{q,k,v,o}_proj under `prefix`, scaled by 1/sqrt(D).
AttentionSpec attention(const std::string& prefix, const DecoderSizes& sizes,
                        AttentionBiases biases);

// self_attn.{q,k}_norm over each head.
void add_head_norms(AttentionSpec& attention, const std::string& prefix, const DecoderSizes& sizes);

// The same over all heads together.
void add_wide_norms(AttentionSpec& attention, const std::string& prefix, const DecoderSizes& sizes);

// What the three matrices of a feed-forward part are called.
struct FeedForwardNames {
    std::string gate = "gate_proj";
    std::string up = "up_proj";
    std::string down = "down_proj";
    bool bias = false;
};

// Whether a layer is routed: its router's tensor is there. Of a model whose tensors are not known,
// what the config promises.
bool is_routed(const Checkpoint& checkpoint, const std::string& router, bool promised);

// What mlp_only_layers and decoder_sparse_step promise.
bool promised_by_step(const ConfigReader& config, LayerId layer);

// Under `prefix`, of the given width.
FeedForwardSpec gated_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                                   std::int64_t width, const FeedForwardNames& names = {});

// A router `gate` and `experts.N.` under `prefix` ("model.layers.7.mlp."), experts of equal width.
MoeSpec routed_feed_forward(const std::string& prefix, const DecoderSizes& sizes,
                            const RouterSpec& rule, std::int64_t width,
                            const FeedForwardNames& names = {});

// w1, w3 and w2, as Mixtral and its relatives call them.
const FeedForwardNames& numbered_names();

// x + attention(input_layernorm(x)), then x + feed_forward(post_attention_layernorm(x)).
LayerSpec pre_norm_layer(const std::string& prefix, const DecoderSizes& sizes,
                         AttentionSpec attention,
                         std::variant<FeedForwardSpec, MoeSpec> feed_forward);

// x + post_attention_layernorm(attention(x)), then x + post_feedforward_layernorm(feed_forward(x)).
LayerSpec post_norm_layer(const std::string& prefix, const DecoderSizes& sizes,
                          AttentionSpec attention,
                          std::variant<FeedForwardSpec, MoeSpec> feed_forward);

// Embedding, final norm and output head around the layers, which the caller adds. The head is the
// embedding where the config ties them, or says nothing and the checkpoint holds no head.
ModelSpec decoder(const Checkpoint& checkpoint, const DecoderSizes& sizes);
ModelSpec decoder(const Checkpoint& checkpoint, const DecoderSizes& sizes, const TextDecoder& text);

// Experts in two tensors, gate over up in the first.
struct FusedExperts {
    std::string gate_up;      // [E, 2F, H]
    std::string down;         // [E, H, F]
    bool transposed = false;  // [E, H, 2F] and [E, F, H]
};
std::vector<FeedForwardSpec> fused_experts(const FusedExperts& tensors, const DecoderSizes& sizes,
                                           int experts, std::int64_t width);

// Tensors whose names start so are let be.
void let_be(ModelSpec& spec, const Checkpoint& checkpoint, const std::string& beginning);

// Tensors of layers behind the last one, which predict further tokens ahead, are let be.
void let_be_layers_behind(ModelSpec& spec, const Checkpoint& checkpoint);

// Window of a layer in models whose config lists each layer's type, or where every other one, the
// first included, has a window; 0: none.
std::int64_t alternating_window(const ConfigReader& config, LayerId layer, std::int64_t otherwise);

// Window of every layer in models whose config gives one for all; 0: none.
std::int64_t common_window(const ConfigReader& config);

// Window of a layer in models whose config switches sliding windows on for some layers; 0: none.
std::int64_t sliding_window(const ConfigReader& config, LayerId layer, std::int64_t layers);

}  // namespace alluvium
