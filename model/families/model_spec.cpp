#include "model/families/model_spec.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace alluvium {
namespace {

class Collector {
  public:
    void add(const WeightSpec& weight) {
        if (!seen_.insert(weight.tensor).second) return;
        out_.push_back({weight.tensor, weight.shape, std::nullopt, weight.encoding});
        if (weight.scales.empty()) return;
        // One scale for the last dimension's 16 bytes.
        const std::vector<std::int64_t> shape(weight.shape.begin(), weight.shape.end() - 1);
        add(WeightSpec{weight.scales, shape, std::nullopt, WeightEncoding::mxfp4_scales});
    }
    void add(const LinearSpec& linear) {
        add(linear.weight);
        if (linear.bias) add(*linear.bias);
    }
    void add(const NormSpec& norm) {
        if (norm.kind == NormKind::none) return;
        add(norm.weight);
        if (norm.bias) add(*norm.bias);
    }
    void add(const FeedForwardSpec& ffn) {
        add(ffn.gate);
        if (ffn.gated) add(ffn.up);
        add(ffn.down);
    }
    void add(const LatentSpec& latent) {
        add_where_there(latent.query_down);
        add_where_there(latent.query_norm);
        add(latent.down);
        add(latent.norm);
        add(latent.up);
    }
    void add(const DeltaSpec& delta) {
        for (const LinearSpec* part : {&delta.query, &delta.key, &delta.value, &delta.gate,
                                       &delta.strength, &delta.fading}) {
            add(*part);
        }
        add(delta.fading_rate);
        add(delta.fading_offset);
        add(delta.convolution);
        add(delta.norm);
    }
    void add(const AttentionSpec& attention) {
        if (attention.delta) {
            add(*attention.delta);
            add(attention.output);
            return;
        }
        add(attention.query);
        if (attention.latent) {
            add(*attention.latent);
        } else {
            add(attention.key);
            add(attention.value);
        }
        add(attention.output);
        add_where_there(attention.query_norm);
        add_where_there(attention.key_norm);
        add_where_there(attention.sinks);
        add_where_there(attention.gate);
    }
    void add(const MoeSpec& moe) {
        add(moe.router);
        add_where_there(moe.choice_bias);
        for (const FeedForwardSpec& expert : moe.experts) add(expert);
        if (!moe.shared) return;
        add(moe.shared->expert);
        add_where_there(moe.shared->gate);
    }
    void add(const LayerSpec& layer) {
        add(layer.attention_norm);
        add(layer.attention);
        add_where_there(layer.attention_output_norm);
        add(layer.feed_forward_norm);
        std::visit([this](const auto& part) { add(part); }, layer.feed_forward);
        add_where_there(layer.feed_forward_output_norm);
    }
    std::vector<WeightSpec> take() { return std::move(out_); }

  private:
    template <typename Part>
    void add_where_there(const std::optional<Part>& part) {
        if (part) add(*part);
    }

    std::set<std::string> seen_;
    std::vector<WeightSpec> out_;
};

std::uint64_t product(const std::vector<std::int64_t>& shape) {
    return std::accumulate(
        shape.begin(), shape.end(), std::uint64_t{1},
        [](std::uint64_t n, std::int64_t size) { return n * static_cast<std::uint64_t>(size); });
}

bool is_plain(const FeedForwardSpec& part) {
    return part.gated && part.activation != Activation::clamped_swiglu;
}

bool is_plain(const MoeSpec& moe) {
    return std::ranges::all_of(moe.experts, [](const auto& e) { return is_plain(e); });
}

bool is_whole(const FeedForwardSpec& part) {
    return !part.gate.weight.part && !part.down.weight.part;
}

bool is_whole(const MoeSpec& moe) {
    return std::ranges::all_of(moe.experts, [](const auto& e) { return is_whole(e); });
}

bool is_plain(const NormSpec& norm) {
    return norm.kind == NormKind::root_mean_square && !norm.bias && norm.weight_offset == 0;
}

}  // namespace

std::vector<LayerId> ModelSpec::routed_layers() const {
    std::vector<LayerId> routed;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        if (layers[layer].moe() != nullptr) routed.push_back(static_cast<LayerId>(layer));
    }
    return routed;
}

std::vector<WeightSpec> needed_tensors(const ModelSpec& spec) {
    Collector tensors;
    tensors.add(spec.embedding);
    for (const LayerSpec& layer : spec.layers) tensors.add(layer);
    tensors.add(spec.final_norm);
    tensors.add(spec.output);
    return tensors.take();
}

std::vector<WeightSpec> needed_tensors(const LayerSpec& layer) {
    Collector tensors;
    tensors.add(layer);
    return tensors.take();
}

std::uint64_t weight_elements(const WeightSpec& weight) {
    if (weight.encoding == WeightEncoding::mxfp4_scales) return 0;
    const std::uint64_t in_a_byte = weight.encoding == WeightEncoding::mxfp4_blocks ? 2 : 1;
    std::vector<std::int64_t> shape = weight.shape;
    if (weight.part) {
        if (weight.part->entry) shape.erase(shape.begin());
        if (weight.part->transposed) std::swap(shape[0], shape[1]);
        shape[0] = weight.part->rows;
    }
    return product(shape) * in_a_byte;
}

std::vector<std::string> parts_beyond_plain(const ModelSpec& spec) {
    const auto any_layer = [&](auto&& has) { return std::ranges::any_of(spec.layers, has); };
    const auto any_attention = [&](auto&& has) {
        return any_layer([&](const LayerSpec& layer) { return has(layer.attention); });
    };
    const auto feed_forward_is = [](auto&& test) {
        return [test](const LayerSpec& layer) { return !std::visit(test, layer.feed_forward); };
    };
    std::vector<std::string> parts;
    const auto note = [&](bool there, const char* name) {
        if (there) parts.emplace_back(name);
    };
    note(any_attention([](const auto& a) { return a.latent.has_value(); }), "latent attention");
    note(any_attention([](const auto& a) { return a.sinks.has_value(); }), "attention sinks");
    note(any_attention([](const auto& a) { return a.delta.has_value(); }), "gated delta rules");
    note(any_attention([](const auto& a) { return a.gate.has_value(); }), "gated attention");
    note(any_attention([](const auto& a) { return a.chunk > 0; }), "attention in chunks");
    note(any_attention([](const auto& a) {
             return !a.rotates || a.growth || a.unit_norm || a.norm_after_rotation;
         }),
         "queries and keys changed otherwise than by norms and a rotation");
    note(any_attention([](const auto& a) { return a.softcap.has_value(); }), "soft-capped scores");
    note(any_attention([](const auto& a) { return a.rotary.dims != 0; }), "partly rotated heads");
    note(any_attention([](const auto& a) { return a.rotary.adjacent_pairs; }),
         "rotated adjacent pairs");
    note(any_attention(
             [&](const auto& a) { return a.rotary != spec.layers.front().attention.rotary; }),
         "layers that rotate differently");
    note(any_layer(feed_forward_is([](const auto& part) { return is_plain(part); })),
         "a feed-forward part that is not gated by SiLU or GELU");
    note(any_layer(feed_forward_is([](const auto& part) { return is_whole(part); })),
         "experts in one tensor");
    note(!is_plain(spec.final_norm) || any_layer([](const LayerSpec& layer) {
        return !is_plain(layer.attention_norm) || !is_plain(layer.feed_forward_norm);
    }),
         "norms other than root mean square");
    note(any_layer([](const LayerSpec& layer) {
             return layer.attention_output_norm || layer.feed_forward_output_norm;
         }),
         "norms behind the parts");
    note(any_layer([](const LayerSpec& layer) { return layer.parallel; }),
         "attention beside the feed-forward part");
    note(spec.embedding_multiplier != 1 || spec.logit_multiplier != 1 || spec.logit_softcap ||
             any_layer([](const LayerSpec& layer) { return layer.residual_multiplier != 1; }),
         "multipliers or soft caps");
    return parts;
}

}  // namespace alluvium
