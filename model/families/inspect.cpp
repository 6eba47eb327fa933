#include "model/families/inspect.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
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

// Bytes of the weights in the checkpoint's dtype. Corrects the total, which counts stored elements
// so far.
std::uint64_t count_stored(Inspection& out, const Checkpoint& checkpoint, const ModelSpec& spec) {
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
    return weights;
}

// The same without the tensors.
std::uint64_t count_described(Inspection& out, const Checkpoint& checkpoint,
                              const ModelSpec& spec) {
    for (const WeightSpec& weight : needed_tensors(spec)) {
        out.parameters_total += weight_elements(weight);
    }
    const ConfigReader config(checkpoint);
    const bool wide = config.text_or("torch_dtype", config.text_or("dtype", "")) == "float32";
    return out.parameters_total * (wide ? sizeof(float) : kDecodedBytes);
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
    out.memory_needed = working_memory(spec) + (checkpoint.known() == Checkpoint::Known::tensors
                                                    ? count_stored(out, checkpoint, spec)
                                                    : count_described(out, checkpoint, spec));
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

std::vector<std::string> unchecked(const Checkpoint& checkpoint, const Inspection& found) {
    if (checkpoint.known() == Checkpoint::Known::tensors) return {};
    std::vector<std::string> list;
    if (checkpoint.known() == Checkpoint::Known::config) {
        list.emplace_back(
            "the tensors: whether each is there, in the shape and type that the config "
            "asks for");
        if (!found.layers.empty()) {
            list.emplace_back(
                "which layers are routed: shown as the config promises, while tensors "
                "decide");
        }
    } else {
        list.emplace_back("the tensors' shapes and types: an index holds their names only");
        list.emplace_back("whether the shards are there and whole");
        if (checkpoint.config().empty()) {
            list.emplace_back("family, router and sizes: no config.json lies beside the index");
        }
    }
    list.emplace_back("the tokenizer");
    return list;
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
        if (info.dtype == nullptr) continue;
        out.parameters_total += info.elements();
        out.bytes_by_dtype[std::string(info.dtype->name)] += info.bytes;
    }
    out.bytes_on_disk = checkpoint.bytes_on_disk();
    if (checkpoint.known() == Checkpoint::Known::names && config.empty()) {
        out.layers = layers_by_name(checkpoint.tensors());
        out.unchecked = unchecked(checkpoint, out);
        return out;
    }
    try {
        add_spec(out, checkpoint,
                 checkpoint.knows_tensors() ? model_spec(checkpoint) : described_spec(checkpoint));
    } catch (const UserError& e) {
        out.problems.push_back({e.what(), e.hint()});
        out.layers = layers_by_name(checkpoint.tensors());
    }
    out.unchecked = unchecked(checkpoint, out);
    return out;
}

Inspection inspect_file(const std::filesystem::path& file) {
    const Json content = read_json(file);
    const bool object = content.is_object();
    if (object && content.contains("weight_map")) return inspect(*Checkpoint::open_index(file));
    if (object && content.contains("model_type")) {
        return inspect(*Checkpoint::open_description(file));
    }
    throw UserError(
        "'" + file.string() + "' is neither a model's config.json nor an index of shards",
        "give the folder of a checkpoint, its config.json or its "
        "model.safetensors.index.json");
}

}  // namespace alluvium
