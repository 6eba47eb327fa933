#include "model/upcycle/routed_layout.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/families/model_spec.h"

namespace alluvium {
namespace {

constexpr std::array kLayouts = {
    RoutedLayout{"apollo", "upcycling-qwen2-moe", "UpcyclingQwen2MoeForCausalLM"},
    RoutedLayout{"qwen2_moe", "qwen2_moe", "Qwen2MoeForCausalLM", /*shared_expert=*/true},
    RoutedLayout{"qwen3_moe", "qwen3_moe", "Qwen3MoeForCausalLM"},
};

void refuse_biases(const ConfigReader& dense, Json& config) {
    for (const char* key : {"attention_bias", "mlp_bias"}) {
        if (dense.flag_or(key, false)) dense.refuse(key, "false for upcycling");
        config.erase(key);
    }
    config["qkv_bias"] = false;
}

void adapt_llama(const ConfigReader& dense, const ModelSpec&, Json& config) {
    refuse_biases(dense, config);
}

// Norms and embeddings are stored as the plain decoder has them (see plain_form.h).
void adapt_gemma(const ConfigReader& dense, const ModelSpec& spec, Json& config) {
    refuse_biases(dense, config);
    const auto& part = std::get<FeedForwardSpec>(spec.layers.front().feed_forward);
    config.erase("hidden_activation");
    config["hidden_act"] = part.activation == Activation::silu ? "silu" : "gelu_pytorch_tanh";
    config["head_dim"] = spec.layers.front().attention.head_dim;
    config["tie_word_embeddings"] = false;
}

void list_windows(const ModelSpec& spec, Json& config) {
    config["layer_types"] = Json::array();
    for (const LayerSpec& layer : spec.layers) {
        const bool slides = layer.attention.window > 0;
        config["layer_types"].push_back(slides ? "sliding_attention" : "full_attention");
    }
}

void adapt_mistral(const ConfigReader&, const ModelSpec& spec, Json& config) {
    const std::int64_t window = spec.layers.front().attention.window;
    config["qkv_bias"] = false;
    config["use_sliding_window"] = window > 0;
    config["sliding_window"] = window > 0 ? Json(window) : Json(nullptr);
    list_windows(spec, config);
}

void adapt_qwen2(const ConfigReader& dense, const ModelSpec& spec, Json& config) {
    // Library versions disagree about which layers of a routed model have one otherwise.
    if (dense.flag_or("use_sliding_window", false)) list_windows(spec, config);
}

void adapt_qwen3(const ConfigReader& dense, const ModelSpec&, Json& config) {
    if (dense.flag_or("use_sliding_window", false)) {
        dense.refuse("use_sliding_window", "false for upcycling");
    }
    config["head_dim"] = dense.count_or("head_dim", 128);
}

struct DenseFamily {
    std::string_view model_type;
    std::vector<std::string_view> layouts;  // the usual one first
    void (*adapt)(const ConfigReader& dense, const ModelSpec& spec, Json& config);
};

const std::vector<DenseFamily>& dense_families() {
    static const std::vector<DenseFamily> families = {
        {"gemma", {"apollo", "qwen2_moe"}, adapt_gemma},
        {"llama", {"apollo", "qwen2_moe"}, adapt_llama},
        {"mistral", {"apollo", "qwen2_moe"}, adapt_mistral},
        {"qwen2", {"apollo", "qwen2_moe"}, adapt_qwen2},
        {"qwen3", {"qwen3_moe"}, adapt_qwen3},
    };
    return families;
}

const DenseFamily& family_of(const Checkpoint& dense, const ModelSpec& spec) {
    const auto found = std::ranges::find(dense_families(), spec.family, &DenseFamily::model_type);
    if (found != dense_families().end()) return *found;
    std::string supported;
    for (const DenseFamily& family : dense_families()) {
        supported += " " + std::string(family.model_type);
    }
    throw UserError("'" + dense.folder().string() + "' is of the family '" + spec.family +
                        "', which cannot be upcycled",
                    "supported dense families:" + supported);
}

}  // namespace

const RoutedLayout& routed_layout(std::string_view name, const Checkpoint& dense,
                                  const ModelSpec& spec) {
    const DenseFamily& family = family_of(dense, spec);
    const std::string_view wanted = name == "auto" ? family.layouts.front() : name;
    if (std::ranges::find(family.layouts, wanted) == family.layouts.end()) {
        std::string suitable;
        for (const std::string_view layout : family.layouts) suitable += " " + std::string(layout);
        throw UserError("layout '" + std::string(wanted) + "' has no place for all parts of '" +
                            spec.family + "'",
                        "layouts for it:" + suitable);
    }
    return *std::ranges::find(kLayouts, wanted, &RoutedLayout::name);
}

Json routed_config(const RoutedLayout& layout, const Checkpoint& dense, const ModelSpec& spec) {
    Json config = dense.config();
    family_of(dense, spec).adapt(ConfigReader(dense), spec, config);
    config["model_type"] = layout.model_type;
    config["architectures"] = Json::array({layout.architecture});
    return config;
}

}  // namespace alluvium
