#include "captures/import/model_config.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/json.h"

namespace alluvium {
namespace {

std::filesystem::path config_file(const std::string& path) {
    return std::filesystem::is_directory(path) ? std::filesystem::path(path) / "config.json"
                                               : std::filesystem::path(path);
}

// "folder/Qwen3-30B-A3B/config.json" and "Qwen--Qwen3-30B-A3B_config.json" both name their model;
// "--" is how hub caches write the slash after the owner.
std::string model_name(const std::filesystem::path& file) {
    std::string name = file.filename() == "config.json"
                           ? std::filesystem::absolute(file).parent_path().filename().string()
                           : file.stem().string();
    constexpr std::string_view suffix = "_config";
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    if (const auto at = name.find("--"); at != std::string::npos) name.replace(at, 2, "/");
    return name;
}

// The first of several names under which families keep the same number.
std::optional<std::int64_t> find_number(const Json& config,
                                        std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto found = config.find(name);
        if (found != config.end() && found->is_number_integer()) return found->get<std::int64_t>();
    }
    return std::nullopt;
}

std::uint32_t expect_count(const Json& config, std::initializer_list<const char*> names,
                           const std::string& path, std::int64_t largest) {
    const auto number = find_number(config, names);
    if (!number) {
        throw UserError("'" + path + "' has no '" + *names.begin() + "'",
                        "give the config.json of the Mixture-of-Experts model that was traced");
    }
    if (*number < 1 || *number > largest) {
        throw UserError("'" + path + "': '" + *names.begin() + "' is " + std::to_string(*number) +
                        ", expected 1 to " + std::to_string(largest));
    }
    return static_cast<std::uint32_t>(*number);
}

void read_dense_layers(const Json& config, RoutingShape& shape) {
    const auto listed = config.find("mlp_only_layers");
    if (listed != config.end() && listed->is_array()) {
        for (const Json& layer : *listed) {
            if (layer.is_number_integer()) shape.dense_layers.push_back(layer.get<LayerId>());
        }
    }
    for (LayerId layer = 0; layer < find_number(config, {"first_k_dense_replace"}).value_or(0);
         ++layer) {
        shape.dense_layers.push_back(layer);
    }
    if (const auto step = find_number(config, {"decoder_sparse_step"}); step && *step > 0) {
        shape.sparse_step = *step;
        shape.sparse_offset = 1;  // Qwen2-MoE counts layers from one here
    } else if (const auto frequency = find_number(config, {"moe_layer_freq"});
               frequency && *frequency > 0) {
        shape.sparse_step = *frequency;
    }
}

std::string describe_rule(const Json& config, const RoutingShape& shape) {
    std::string rule =
        "top " + std::to_string(shape.top_k) + " of " + std::to_string(shape.experts);
    const auto renormalised = config.find("norm_topk_prob");
    if (renormalised != config.end() && renormalised->is_boolean()) {
        rule += renormalised->get<bool>() ? ", weights renormalised" : ", weights not renormalised";
    }
    return rule;
}

}  // namespace

bool RoutingShape::routes(LayerId layer) const {
    return std::ranges::count(dense_layers, layer) == 0 &&
           (layer + sparse_offset) % sparse_step == 0;
}

RoutingShape read_routing_shape(const std::string& path) {
    const std::filesystem::path file = config_file(path);
    const Json whole = read_json(file);
    const Json& config = whole.contains("text_config") ? whole.at("text_config") : whole;
    RoutingShape shape;
    shape.experts = expect_count(config, {"num_experts", "num_local_experts", "n_routed_experts"},
                                 file.string(), kMissingExpert - 1);
    shape.top_k = expect_count(config, {"num_experts_per_tok", "num_experts_per_token", "top_k"},
                               file.string(), shape.experts);
    shape.shared_experts = static_cast<std::uint32_t>(
        find_number(config, {"n_shared_experts", "num_shared_experts"}).value_or(0));
    read_dense_layers(config, shape);
    shape.rule = describe_rule(config, shape);
    shape.model.name = model_name(file);
    shape.model.family = whole.value("model_type", "");
    shape.model.layer_count = find_number(config, {"num_hidden_layers"}).value_or(0);
    shape.model.hidden_size = find_number(config, {"hidden_size"}).value_or(0);
    shape.model.vocab_size = find_number(config, {"vocab_size"}).value_or(0);
    shape.model.config_json = whole.dump();
    return shape;
}

}  // namespace alluvium
