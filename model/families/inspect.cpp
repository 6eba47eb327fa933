#include "model/families/inspect.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/fp8.h"
#include "model/families/family.h"

namespace alluvium {
namespace {

std::uint64_t elements(const LinearSpec& linear) {
    return weight_elements(linear.weight) + (linear.bias ? weight_elements(*linear.bias) : 0);
}

std::uint64_t elements(const FeedForwardSpec& expert) {
    return elements(expert.gate) + (expert.gated ? elements(expert.up) : 0) + elements(expert.down);
}

// What a token passes through: everything but the experts that it does not choose.
std::uint64_t active_parameters(const ModelSpec& spec) {
    std::uint64_t active = 0;
    for (const WeightSpec& weight : needed_tensors(spec)) active += weight_elements(weight);
    for (const LayerSpec& layer : spec.layers) {
        const MoeSpec* moe = layer.moe();
        if (moe == nullptr) continue;
        const auto idle = static_cast<std::uint64_t>(moe->rule.experts - moe->rule.top_k);
        active -= idle * elements(moe->experts.front());
    }
    return active;
}

InspectedLayer inspect_layer(const LayerSpec& spec, LayerId layer) {
    const MoeSpec* moe = spec.moe();
    if (moe == nullptr) return {.layer = layer};
    return {.layer = layer,
            .routed = true,
            .experts = moe->rule.experts,
            .top_k = moe->rule.top_k,
            .shared_experts = moe->rule.shared_experts};
}

constexpr std::uint64_t kDecodedBytes = 2;  // of a number that was stored in fewer

// Room for activations beside the weights: a batch of 4,096 tokens with a dozen hidden-sized f32
// intermediates and the widest layer's.
std::uint64_t working_memory(const ModelSpec& spec) {
    constexpr std::uint64_t kTokens = 4096;
    constexpr std::uint64_t kIntermediates = 12;
    return kTokens * kIntermediates * static_cast<std::uint64_t>(spec.hidden_size) * sizeof(float);
}

void add_spec(Inspection& out, const Checkpoint& checkpoint, const ModelSpec& spec) {
    out.layers.clear();
    for (std::size_t layer = 0; layer < spec.layers.size(); ++layer) {
        out.layers.push_back(inspect_layer(spec.layers[layer], static_cast<LayerId>(layer)));
    }
    const std::vector<LayerId> routed = spec.routed_layers();
    if (!routed.empty()) {
        out.router = spec.layers[static_cast<std::size_t>(routed.front())].moe()->rule;
    }
    out.parameters_active = active_parameters(spec);
    std::uint64_t weights = 0;
    for (const WeightSpec& weight : needed_tensors(spec)) {
        const TensorInfo& info = checkpoint.tensors().at(weight.tensor);
        const std::uint64_t numbers = weight_elements(weight);
        const std::string scales = fp8_scales(checkpoint, weight.tensor);
        const bool decoded = weight.encoding != WeightEncoding::plain || !scales.empty();
        weights += decoded ? kDecodedBytes * numbers : info.bytes;
        // Counted as bytes so far: several numbers each, or a scale, which is none.
        if (decoded) out.parameters_total += numbers - info.elements();
        if (!scales.empty()) {
            out.parameters_total -= checkpoint.tensors().at(scales).elements();
        }
    }
    out.memory_needed = weights + working_memory(spec);
}

std::optional<std::int64_t> whole_number(const Json& config, const char* key) {
    const auto found = config.find(key);
    if (found == config.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

// Without a spec: layers that have tensors; those with an "experts" tensor are routed.
std::vector<InspectedLayer> layers_by_name(const TensorTable& tensors) {
    constexpr std::string_view kLayers = "layers.";
    std::map<LayerId, InspectedLayer> layers;
    std::map<LayerId, std::set<std::string>> experts;
    for (const auto& [name, info] : tensors) {
        const std::size_t at = name.find(kLayers);
        if (at == std::string::npos) continue;
        const std::string rest = name.substr(at + kLayers.size());
        const std::size_t digits = rest.find_first_not_of("0123456789");
        if (digits == 0 || digits == std::string::npos || digits > 6) continue;
        const LayerId layer = std::stoi(rest.substr(0, digits));
        layers[layer].layer = layer;
        const std::size_t expert = rest.find(".experts.");
        if (expert == std::string::npos) continue;
        layers[layer].routed = true;
        const std::string number = rest.substr(expert + 9, rest.find('.', expert + 9) - expert - 9);
        if (number.find_first_not_of("0123456789") == std::string::npos) {
            experts[layer].insert(number);
        }
    }
    std::vector<InspectedLayer> out;
    for (auto& [id, layer] : layers) {
        layer.experts = static_cast<int>(experts[id].size());
        out.push_back(layer);
    }
    return out;
}

}  // namespace

Inspection inspect(const Checkpoint& checkpoint) {
    Inspection out;
    const Json& config = checkpoint.config();
    out.name = checkpoint.name();
    out.family = "unknown";
    if (config.contains("model_type") && config["model_type"].is_string()) {
        out.family = config["model_type"].get<std::string>();
    }
    out.hidden_size = whole_number(config, "hidden_size");
    out.vocab_size = whole_number(config, "vocab_size");
    for (const auto& [name, info] : checkpoint.tensors()) {
        out.parameters_total += info.elements();
        out.bytes_by_dtype[std::string(info.dtype->name)] += info.bytes;
    }
    out.bytes_on_disk = checkpoint.bytes_on_disk();
    try {
        add_spec(out, checkpoint, model_spec(checkpoint));
    } catch (const UserError& e) {
        out.problems.push_back({e.what(), e.hint()});
        out.layers = layers_by_name(checkpoint.tensors());
    }
    return out;
}

Json inspection_json(const Inspection& inspection) {
    const auto or_null = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
    Json layers = Json::array();
    for (const InspectedLayer& layer : inspection.layers) {
        layers.push_back({{"layer", layer.layer},
                          {"kind", layer.routed ? "moe" : "dense"},
                          {"experts", layer.experts},
                          {"top_k", layer.top_k},
                          {"shared_experts", layer.shared_experts}});
    }
    Json problems = Json::array();
    for (const InspectionProblem& problem : inspection.problems) {
        problems.push_back({{"what", problem.what}, {"hint", problem.hint}});
    }
    return {{"name", inspection.name},
            {"family", inspection.family},
            {"hidden_size", or_null(inspection.hidden_size)},
            {"vocab_size", or_null(inspection.vocab_size)},
            {"layers", layers},
            {"router", inspection.router ? router_json(*inspection.router) : Json(nullptr)},
            {"parameters",
             {{"total", inspection.parameters_total},
              {"active", or_null(inspection.parameters_active)}}},
            {"dtypes", inspection.bytes_by_dtype},
            {"bytes_on_disk", inspection.bytes_on_disk},
            {"memory_needed", or_null(inspection.memory_needed)},
            {"problems", problems}};
}

Json router_json(const RouterSpec& spec) {
    const auto scoring = [&] {
        switch (spec.scoring) {
            case Scoring::softmax:
                return "softmax";
            case Scoring::sigmoid:
                return "sigmoid";
            case Scoring::sqrt_softplus:
                return "sqrt_softplus";
            case Scoring::none:
                return "none";
        }
        return "none";
    };
    const auto order = [&] {
        switch (spec.order) {
            case SelectionOrder::score_then_top_k:
                return "score_then_top_k";
            case SelectionOrder::top_k_then_softmax:
                return "top_k_then_softmax";
            case SelectionOrder::sparsemixer:
                return "sparsemixer";
        }
        return "score_then_top_k";
    };
    return {{"sentence", sentence(spec)}, {"scoring", scoring()},
            {"order", order()},           {"renormalise", spec.renormalise},
            {"scale", spec.scale},        {"bias", spec.choice_bias},
            {"groups", spec.groups},      {"topk_groups", spec.topk_groups}};
}

}  // namespace alluvium
