#pragma once
// A model as plain data: what a family's config and tensors say, in the words of the parts that the
// forward pass is made of. A family combines parts; nothing outside model/families asks for its
// name. H hidden size, V vocabulary, A heads, KV key/value heads, D head size, F feed-forward
// width.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "model/router/router_spec.h"

namespace alluvium {

struct WeightSpec {
    std::string tensor;               // its name in the checkpoint
    std::vector<std::int64_t> shape;  // its shape there
};

// y = x W^T + b
struct LinearSpec {
    WeightSpec weight;               // [out, in]
    std::optional<WeightSpec> bias;  // [out]
};

// Root mean square norm: x / sqrt(mean(x^2) + eps) * weight, computed in f32.
struct NormSpec {
    WeightSpec weight;
    double epsilon = 0;
};

enum class Activation { silu };

// down(activation(gate(x)) * up(x))
struct FeedForwardSpec {
    LinearSpec gate;  // [F, H]
    LinearSpec up;    // [F, H]
    LinearSpec down;  // [H, F]
    Activation activation = Activation::silu;
};

// Rotary embedding over the whole head, halves rotated against each other (not adjacent pairs):
// angle(position, i) = position * theta^(-2i / D).
struct RotarySpec {
    double theta = 10000;
};

struct AttentionSpec {
    std::int64_t heads = 0;
    std::int64_t kv_heads = 0;
    std::int64_t head_dim = 0;
    LinearSpec query;   // [A D, H]
    LinearSpec key;     // [KV D, H]
    LinearSpec value;   // [KV D, H]
    LinearSpec output;  // [H, A D]
    // Norms of queries and keys before the rotation, over the width of their weight: a head's (D)
    // or the whole projection's (A D).
    std::optional<NormSpec> query_norm;
    std::optional<NormSpec> key_norm;
    std::optional<double> clip;  // queries, keys and values are clamped to [-clip, clip]
    double scale = 1.0;          // of the scores
    RotarySpec rotary;
    std::int64_t window = 0;  // a token sees itself and window - 1 before it; 0: all before it
};

// Always applied, beside the routed experts; its output is scaled by sigmoid(gate(x)) where a gate
// exists.
struct SharedExpertSpec {
    FeedForwardSpec expert;
    std::optional<LinearSpec> gate;  // [1, H]
};

struct MoeSpec {
    RouterSpec rule;
    LinearSpec router;                      // [E, H]; its output is the raw logits
    std::optional<WeightSpec> choice_bias;  // [E], added to the scores for the choice only
    std::vector<FeedForwardSpec> experts;   // [E]
    std::optional<SharedExpertSpec> shared;
};

struct LayerSpec {
    NormSpec attention_norm;
    AttentionSpec attention;
    NormSpec feed_forward_norm;
    std::variant<FeedForwardSpec, MoeSpec> feed_forward;

    const MoeSpec* moe() const { return std::get_if<MoeSpec>(&feed_forward); }
};

struct ModelSpec {
    std::string family;  // the config's model_type
    std::int64_t hidden_size = 0;
    std::int64_t vocab_size = 0;
    WeightSpec embedding;  // [V, H]
    std::vector<LayerSpec> layers;
    NormSpec final_norm;
    LinearSpec output;                // [V, H]; the embedding's tensor where the two are tied
    std::vector<std::string> unused;  // tensors that a checkpoint may hold without need

    std::vector<LayerId> routed_layers() const;
};

// Every tensor the model needs, each once.
std::vector<WeightSpec> needed_tensors(const ModelSpec& spec);

}  // namespace alluvium
