#include "model/train/training_pass.h"

#include <limits>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/forward/rotary.h"
#include "model/train/differentiable.h"
#include "model/train/row_kernels.h"

namespace alluvium {
namespace {

class Pass {
  public:
    Pass(const ModelSpec& spec, const TrainedWeights& weights, const TrainingBatch& batch,
         const PassOptions& options)
        : spec_(spec),
          weights_(weights),
          options_(options),
          wide_(wide_type(options.narrow)),
          sequences_(batch.ids.size(0)),
          length_(batch.ids.size(1) - 1),
          ids_(batch.ids.narrow(1, 0, length_).reshape(-1)),
          targets_(batch.ids.narrow(1, 1, length_).reshape(-1)),
          language_(batch.language.reshape(-1)) {
        const AttentionSpec& first = spec.layers.front().attention;
        TokenBatch one;
        one.append(std::vector<std::int64_t>(static_cast<std::size_t>(length_)));
        const RotaryTable table = rotary_table(first.rotary, first.head_dim, one, at::kCPU);
        rotary_ = {table.cosine.to(wide_).contiguous(), table.sine.to(wide_).contiguous()};
    }

    PassResult run() {
        at::Tensor hidden = at::embedding(weights_.embedding(), ids_);
        for (std::size_t layer = 0; layer < spec_.layers.size(); ++layer) {
            hidden = hidden + attention(hidden, layer);
            hidden = hidden + feed_forward(hidden, layer);
        }
        const at::Tensor x = rms_norm(hidden, weights_.final_norm(), options_.narrow);
        PassResult result;
        result.loss = linear_cross_entropy(x, weights_.output(), targets_);
        result.cross_entropy = result.loss.detach();
        finish_routing(result);
        return result;
    }

  private:
    at::Tensor linear(const at::Tensor& x, const LinearWeights& weights) const {
        const at::Tensor bias =
            weights.bias.defined() ? weights.bias.to(options_.narrow) : at::Tensor();
        return at::linear(x, weights.weight.to(options_.narrow), bias);
    }

    at::Tensor clipped(const at::Tensor& x, const AttentionSpec& spec) const {
        return spec.clip ? x.clamp(-*spec.clip, *spec.clip) : x;
    }

    // Norms over the width of their weight, a head's or the whole projection's, then turned.
    // [T, heads D] -> [B, heads, S, D]
    at::Tensor turned(at::Tensor x, const std::optional<NormWeights>& norm,
                      const AttentionSpec& spec, std::int64_t heads) const {
        if (norm) {
            x = rms_norm(x.to(wide_).reshape({-1, norm->weight.size(0)}), *norm, options_.narrow);
        }
        const at::Tensor split = clipped(x, spec).reshape({-1, heads, spec.head_dim});
        return by_head(rotate(split, rotary_.cosine, rotary_.sine));
    }

    // [T, heads, D] -> [B, heads, S, D]
    at::Tensor by_head(const at::Tensor& x) const {
        return x.reshape({sequences_, length_, x.size(1), x.size(2)}).transpose(1, 2);
    }

    // Key and value heads repeated for the query heads that share them: the fused kernel for CPUs
    // wants equal numbers. [B, kv heads, S, D] -> [B, heads, S, D]
    static at::Tensor shared_heads(const at::Tensor& x, const AttentionSpec& spec) {
        const std::int64_t repeat = spec.heads / spec.kv_heads;
        return repeat == 1 ? x : x.repeat_interleave(repeat, 1);
    }

    // 0 where a row may look, -inf where not; nothing where the causal order alone decides.
    std::optional<at::Tensor> window_mask(const AttentionSpec& spec) const {
        if (spec.window == 0 || length_ <= spec.window) return std::nullopt;
        const at::Tensor position = at::arange(length_);
        const at::Tensor distance = position.unsqueeze(1) - position.unsqueeze(0);
        const at::Tensor hidden = distance.lt(0).logical_or(distance.ge(spec.window));
        return at::zeros({length_, length_}, at::TensorOptions(options_.narrow))
            .masked_fill(hidden, -std::numeric_limits<double>::infinity());
    }

    at::Tensor attention(const at::Tensor& hidden, std::size_t layer) const {
        const AttentionSpec& spec = spec_.layers[layer].attention;
        const TrainedLayer& part = weights_.layers()[layer];
        const AttentionWeights& weights = part.attention;
        const at::Tensor x = rms_norm(hidden, part.attention_norm, options_.narrow);
        const at::Tensor query =
            turned(linear(x, weights.query), weights.query_norm, spec, spec.heads);
        const at::Tensor key = shared_heads(
            turned(linear(x, weights.key), weights.key_norm, spec, spec.kv_heads), spec);
        const at::Tensor plain_value =
            clipped(linear(x, weights.value), spec).reshape({-1, spec.kv_heads, spec.head_dim});
        const at::Tensor value = shared_heads(by_head(plain_value), spec);
        const std::optional<at::Tensor> mask = window_mask(spec);
        const at::Tensor mixed = at::scaled_dot_product_attention(
            query, key, value, mask, /*dropout_p=*/0.0, /*is_causal=*/!mask, spec.scale);
        return linear(mixed.transpose(1, 2).reshape({-1, spec.heads * spec.head_dim}),
                      weights.output);
    }

    at::Tensor feed_forward(const at::Tensor& hidden, std::size_t layer) {
        const TrainedLayer& part = weights_.layers()[layer];
        const at::Tensor x = rms_norm(hidden, part.feed_forward_norm, options_.narrow);
        if (const auto* dense = std::get_if<FeedForwardStack>(&part.feed_forward)) {
            return dense_feed_forward(x, *dense);
        }
        return routed(x, *spec_.layers[layer].moe(), std::get<TrainedMoe>(part.feed_forward));
    }

    at::Tensor routed(const at::Tensor& x, const MoeSpec& spec, const TrainedMoe& weights) {
        // As at inference: logits are never rounded to a smaller type.
        const at::Tensor wide_x = x.to(wide_);
        const at::Tensor logits = at::linear(wide_x, weights.router);
        const TrainingChoice choice =
            choose_experts(logits, spec.rule, options_.routing, language_);
        note(choice);
        at::Tensor out = routed_feed_forward(x, choice.experts, choice.weights, weights.experts);
        if (weights.shared) {
            const at::Tensor shared = dense_feed_forward(x, *weights.shared);
            out = out + (weights.shared_gate.defined()
                             ? shared * at::sigmoid(at::linear(wide_x, weights.shared_gate))
                             : shared);
        }
        return out;
    }

    void note(const TrainingChoice& choice) {
        ++routed_layers_;
        statistics_.entropy += mean_entropy(choice.probabilities);
        statistics_.own_share += choice.own_share;
        statistics_.has_own = choice.own_tokens > 0;
        if (options_.balance_coefficient == 0) return;
        const at::Tensor term = balance_loss(choice);
        balance_ = balance_.defined() ? balance_ + term : term;
    }

    void finish_routing(PassResult& result) {
        if (routed_layers_ == 0) return;
        statistics_.entropy /= routed_layers_;
        statistics_.own_share /= routed_layers_;
        result.routing = statistics_;
        if (!balance_.defined()) return;
        const at::Tensor mean = balance_ / routed_layers_;
        result.balance = mean.item<double>();
        result.loss = result.loss + mean * options_.balance_coefficient;
    }

    const ModelSpec& spec_;
    const TrainedWeights& weights_;
    const PassOptions& options_;
    at::ScalarType wide_;
    std::int64_t sequences_, length_;
    at::Tensor ids_, targets_, language_;  // [T]
    RotaryTable rotary_;
    double routed_layers_ = 0;
    RoutingStatistics statistics_;
    at::Tensor balance_;
};

void check(const TrainingBatch& batch, const ModelSpec& spec, const PassOptions& options) {
    const auto lowest = batch.ids.min().item<std::int64_t>();
    const auto highest = batch.ids.max().item<std::int64_t>();
    if (lowest < 0 || highest >= spec.vocab_size) {
        throw UserError("token id " + std::to_string(lowest < 0 ? lowest : highest) +
                            " of the training text is outside the vocabulary of " +
                            std::to_string(spec.vocab_size),
                        "the ids or the tokenizer belong to another model");
    }
    for (const LayerSpec& layer : spec.layers) {
        if (layer.moe() == nullptr) continue;
        if (batch.language.max().item<std::int64_t>() >= layer.moe()->rule.experts) {
            throw UserError("a language's expert is outside the " +
                            std::to_string(layer.moe()->rule.experts) + " experts of a layer");
        }
    }
    if (options.routing == TrainingRouting::language_only &&
        batch.language.min().item<std::int64_t>() < 0) {
        throw UserError("routing by language alone meets a text whose language has no expert");
    }
}

}  // namespace

PassResult training_pass(const ModelSpec& spec, const TrainedWeights& weights,
                         const TrainingBatch& batch, const PassOptions& options) {
    check(batch, spec, options);
    return Pass(spec, weights, batch, options).run();
}

}  // namespace alluvium
