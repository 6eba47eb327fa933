#pragma once
// A model as plain data: what a family's config and tensors say, in the words of the parts that the
// forward pass is made of. A family combines parts; nothing outside model/families asks for its
// name. H hidden size, V vocabulary, A heads, KV key/value heads, D head size, F feed-forward
// width. Every field's default means "as in a plain decoder".
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "model/families/rotary_spec.h"
#include "model/router/router_spec.h"

namespace alluvium {

// One weight inside a tensor that holds several: first one entry of the first dimension (an
// expert's), then the transpose, then some of the rows: from first_row on, rows_together side by
// side at every row_step-th, `rows` of them.
struct TensorPart {
    std::optional<std::int64_t> entry;
    bool transposed = false;  // the file has [in, out]
    std::int64_t first_row = 0;
    std::int64_t row_step = 1;
    std::int64_t rows = 0;
    std::int64_t rows_together = 1;  // a divisor of rows
};

enum class WeightEncoding {
    plain,         // F32, F16 or BF16
    mxfp4_blocks,  // U8 [..., in / 32, 16]: two 4-bit floats a byte, the lower half first
    mxfp4_scales,  // U8 [..., in / 32]: the exponent (plus 127) that 32 of them share
};

struct WeightSpec {
    std::string tensor;                // its name in the checkpoint
    std::vector<std::int64_t> shape;   // its shape there
    std::optional<TensorPart> part{};  // nothing: all of it
    WeightEncoding encoding = WeightEncoding::plain;
    std::string scales{};  // the tensor with the scales of mxfp4_blocks
};

// y = x W^T + b
struct LinearSpec {
    WeightSpec weight;               // [out, in]
    std::optional<WeightSpec> bias;  // [out]
};

enum class NormKind {
    root_mean_square,  // x / sqrt(mean(x^2) + eps) * weight
    layer,             // (x - mean(x)) / sqrt(var(x) + eps) * weight + bias
    none,              // x as it is; no weight
};

// Computed in f32.
struct NormSpec {
    WeightSpec weight;
    double epsilon = 0;
    NormKind kind = NormKind::root_mean_square;
    std::optional<WeightSpec> bias{};
    double weight_offset = 0;  // added to the weight: the file holds its distance from this
};

enum class Activation {
    silu,
    gelu,       // x times the normal distribution function
    gelu_tanh,  // the same, approximated by tanh
    // gpt-oss: gate and up are clamped, gate * sigmoid(alpha * gate) * (up + 1)
    clamped_swiglu,
};

// down(activation(gate(x)) * up(x)); not gated: down(activation(gate(x))).
struct FeedForwardSpec {
    LinearSpec gate;  // [F, H]
    LinearSpec up;    // [F, H]; means nothing where not gated
    LinearSpec down;  // [H, F]
    Activation activation = Activation::silu;
    bool gated = true;
    double limit = 0;  // clamped_swiglu: gate <= limit, -limit <= up <= limit
    double alpha = 0;  // clamped_swiglu
};

// Multi-head latent attention (arXiv 2405.04434): keys and values are made from one short vector,
// and a part of the key, the only one that is rotated, is the same for all heads. AttentionSpec's
// `query` is the projection to the queries (from the short query vector where query_down exists),
// its `key` and `value` mean nothing. A query or key is [plain | rotated].
struct LatentSpec {
    std::optional<LinearSpec> query_down;  // [query rank, H]
    std::optional<NormSpec> query_norm;    // of the short query vector
    LinearSpec down;                       // [rank + rotated, H]
    NormSpec norm;                         // [rank]
    LinearSpec up;                         // [A (plain + value), rank]
    std::int64_t rank = 0;
    std::int64_t plain = 0;
    std::int64_t rotated = 0;
};

// The gated delta rule (arXiv 2412.06464), in the place of attention: every head carries a matrix
// from token to token, which each token fades, corrects at its key and reads with its query.
// Queries, keys and values go through a short causal convolution first. AttentionSpec's `output`
// [H, VH VD] is applied to what is read; its other parts mean nothing. KH key heads of width KD, VH
// value heads of width VD; C = 2 KH KD + VH VD.
struct DeltaSpec {
    std::int64_t key_heads = 0;
    std::int64_t value_heads = 0;  // a multiple of key_heads
    std::int64_t key_dim = 0;
    std::int64_t value_dim = 0;
    std::int64_t taps = 0;  // of the convolution
    LinearSpec query, key;  // [KH KD, H]
    LinearSpec value;       // [VH VD, H]
    LinearSpec gate;        // [VH VD, H]: what is read is normed, then times silu(gate)
    LinearSpec strength;    // [VH, H]: its sigmoid is how far a token corrects the matrix
    LinearSpec fading;  // [VH, H]: the matrix fades by exp(-exp(rate) softplus(fading + offset))
    WeightSpec fading_rate;    // [VH]
    WeightSpec fading_offset;  // [VH]
    WeightSpec convolution;    // [C, 1, taps], of queries, keys and values side by side
    NormSpec norm;             // [VD]
};

// Queries at position p (from 0) times scale * ln(1 + floor((p + 1) / length)) + 1.
struct QueryGrowth {
    double length = 0;
    double scale = 0;
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
    bool norm_after_rotation = false;
    // Behind the rotation, queries and keys are divided by a head's root mean square; the epsilon.
    std::optional<double> unit_norm;
    std::optional<double> clip;  // queries, keys and values are clamped to [-clip, clip]
    double scale = 1.0;          // of the scores
    RotarySpec rotary;
    bool rotates = true;
    std::optional<QueryGrowth> growth;
    std::int64_t chunk =
        0;  // a token sees those of its own chunk of so many only; 0: all before it
    std::int64_t window = 0;  // a token sees itself and window - 1 before it; 0: all before it
    std::optional<double> softcap;     // scores become softcap * tanh(scores / softcap)
    std::optional<WeightSpec> sinks;   // [A]: each head's score of seeing nothing
    std::optional<LinearSpec> gate;    // [A Dv, H]: what is mixed is multiplied by its sigmoid
    std::optional<LatentSpec> latent;  // in the place of key and value
    std::optional<DeltaSpec> delta;    // in the place of everything but output
    std::int64_t value_dim = 0;        // a head's; 0: D
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

// x + attention(norm(x)), then the same with the feed-forward part.
struct LayerSpec {
    NormSpec attention_norm;
    AttentionSpec attention;
    NormSpec feed_forward_norm;
    std::variant<FeedForwardSpec, MoeSpec> feed_forward;
    // Of what the two parts add to x.
    std::optional<NormSpec> attention_output_norm{};
    std::optional<NormSpec> feed_forward_output_norm{};
    double residual_multiplier = 1.0;
    bool parallel = false;  // both parts read the same x

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
    double embedding_multiplier = 1.0;
    double logit_multiplier = 1.0;
    std::optional<double> logit_softcap;  // after the multiplier
    // Attention to more tokens than this goes by an indexer that chooses among them, which is not
    // computed; 0: there is none.
    std::int64_t longest_prompt = 0;

    std::vector<LayerId> routed_layers() const;
};

// Every tensor the model needs, whole, each once.
std::vector<WeightSpec> needed_tensors(const ModelSpec& spec);
std::vector<WeightSpec> needed_tensors(const LayerSpec& layer);

// Numbers in the weight itself, not in all of its tensor.
std::uint64_t weight_elements(const WeightSpec& weight);

// In words, what the model has beyond a plain decoder: gated SiLU feed-forward parts after root
// mean square norms, whole heads rotated, no multipliers. For what knows plain decoders only.
std::vector<std::string> parts_beyond_plain(const ModelSpec& spec);

}  // namespace alluvium
