#include "model/upcycle/upcycle.h"

#include <algorithm>
#include <array>
#include <map>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "base/error.h"
#include "base/files.h"
#include "captures/languages.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"
#include "model/checkpoint/release_pages.h"
#include "model/checkpoint/sharded_writer.h"
#include "model/checkpoint/side_files.h"
#include "model/checkpoint/staged_folder.h"
#include "model/families/family.h"
#include "model/upcycle/layer_list.h"

namespace alluvium {
namespace {

// A routed layout that has a place for every part of a dense family.
struct Target {
    std::string_view dense;         // model_type
    std::string_view routed;        // model_type
    std::string_view architecture;  // of the routed model
    // What the routed layout calls what the dense config says. UserError where it has no place.
    void (*adapt)(const ConfigReader& dense, Json& config);
};

void keep(const ConfigReader&, Json&) {}

void adapt_llama(const ConfigReader& dense, Json& config) {
    for (const char* key : {"attention_bias", "mlp_bias"}) {
        if (dense.flag_or(key, false)) dense.refuse(key, "false for upcycling");
        config.erase(key);
    }
    config["qkv_bias"] = false;
}

void adapt_mistral(const ConfigReader& dense, Json& config) {
    constexpr int kFirstWindow = 4096;  // what a config without the key means
    config["qkv_bias"] = false;
    if (!dense.mentions("sliding_window")) config["sliding_window"] = kFirstWindow;
    config["use_sliding_window"] = !config["sliding_window"].is_null();
    const Json type = config["sliding_window"].is_null() ? "full_attention" : "sliding_attention";
    config["layer_types"] = Json::array();
    for (std::int64_t layer = 0; layer < dense.count("num_hidden_layers"); ++layer) {
        config["layer_types"].push_back(type);
    }
}

void adapt_qwen3(const ConfigReader& dense, Json& config) {
    if (dense.flag_or("use_sliding_window", false)) {
        dense.refuse("use_sliding_window", "false for upcycling");
    }
    config["head_dim"] = dense.count_or("head_dim", 128);
    config["moe_intermediate_size"] = dense.count("intermediate_size");
}

constexpr std::string_view kApollo = "upcycling-qwen2-moe";
constexpr std::string_view kApolloClass = "UpcyclingQwen2MoeForCausalLM";
constexpr std::array kTargets = {
    Target{"llama", kApollo, kApolloClass, adapt_llama},
    Target{"mistral", kApollo, kApolloClass, adapt_mistral},
    Target{"qwen2", kApollo, kApolloClass, keep},
    Target{"qwen3", "qwen3_moe", "Qwen3MoeForCausalLM", adapt_qwen3},
};

// What models of this layout draw new weights with where their config does not say.
constexpr double kRouterDeviation = 0.02;

const Target& target_of(const ModelSpec& spec, const std::string& folder) {
    const auto* found = std::ranges::find(kTargets, spec.family, &Target::dense);
    if (found != kTargets.end()) return *found;
    std::string supported;
    for (const Target& target : kTargets) supported += " " + std::string(target.dense);
    throw UserError(
        "'" + folder + "' is of the family '" + spec.family + "', which cannot be upcycled",
        "supported dense families:" + supported);
}

void check_options(const UpcycleOptions& options) {
    if (options.experts < 1 || options.experts >= kMissingExpert) {
        throw UserError("--experts " + std::to_string(options.experts) +
                        " is not between 1 and 65534");
    }
    if (options.top_k < 1 || options.top_k > options.experts) {
        throw UserError("--top-k " + std::to_string(options.top_k) + " is not between 1 and the " +
                        std::to_string(options.experts) + " experts");
    }
}

// One tensor of the result and where it comes from.
struct Planned {
    TensorToWrite tensor;
    const TensorInfo* source = nullptr;  // null: a router, drawn at random
    LayerId layer = 0;                   // of a router
};

class Plan {
  public:
    Plan(const Checkpoint& dense, const ModelSpec& spec, const UpcycleOptions& options)
        : dense_(dense), options_(options) {
        routed_ = parse_layer_list(options.layers, static_cast<LayerId>(spec.layers.size()));
        for (const LayerId layer : routed_) {
            add_experts(layer, spec);
        }
        // By name, experts in the place of their origin.
        for (const auto& [name, info] : dense.tensors()) {
            const auto replaced = replacements_.find(name);
            if (replaced == replacements_.end()) {
                copy(name, info);
            } else {
                for (Planned& planned : replaced->second) tensors_.push_back(std::move(planned));
            }
        }
    }

    const std::vector<Planned>& tensors() const { return tensors_; }
    const std::vector<LayerId>& routed() const { return routed_; }
    std::vector<TensorToWrite> to_write() const {
        std::vector<TensorToWrite> result;
        for (const Planned& planned : tensors_) result.push_back(planned.tensor);
        return result;
    }

  private:
    void copy(const std::string& name, const TensorInfo& info) {
        tensors_.push_back({{name, std::string(info.dtype->name), info.shape}, &info, 0});
    }

    void add_experts(LayerId layer, const ModelSpec& spec) {
        const auto& ffn =
            std::get<FeedForwardSpec>(spec.layers[static_cast<std::size_t>(layer)].feed_forward);
        for (const LinearSpec* part : {&ffn.gate, &ffn.up, &ffn.down}) {
            const std::string& name = part->weight.tensor;
            const TensorInfo& info = dense_.tensors().at(name);
            const std::size_t leaf = name.rfind('.', name.rfind('.') - 1) + 1;  // "gate_proj..."
            std::vector<Planned>& copies = replacements_[name];
            if (part == &ffn.gate) {
                copies.push_back({{name.substr(0, leaf) + "gate.weight",
                                   std::string(info.dtype->name),
                                   {options_.experts, spec.hidden_size}},
                                  nullptr,
                                  layer});
            }
            for (int expert = 0; expert < options_.experts; ++expert) {
                copies.push_back({{name.substr(0, leaf) + "experts." + std::to_string(expert) +
                                       "." + name.substr(leaf),
                                   std::string(info.dtype->name), info.shape},
                                  &info,
                                  layer});
            }
        }
    }

    const Checkpoint& dense_;
    const UpcycleOptions& options_;
    std::vector<LayerId> routed_;
    std::map<std::string, std::vector<Planned>> replacements_;
    std::vector<Planned> tensors_;
};

// A layer's router depends on the seed and the layer only, so that routing more layers leaves the
// others' routers alone.
at::Tensor draw_router(const TensorToWrite& tensor, LayerId layer, std::uint64_t seed,
                       double deviation) {
    const std::uint64_t mixed = seed * 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(layer);
    at::Generator random = at::detail::createCPUGenerator(mixed);
    const at::Tensor draw =
        at::randn(tensor.shape, random, at::TensorOptions(at::kFloat)) * deviation;
    return draw.to(*find_dtype(tensor.dtype)->torch_type);
}

Json moe_config(const Checkpoint& dense, const Plan& plan, const ModelSpec& spec,
                const UpcycleOptions& options) {
    const Target& target = target_of(spec, dense.folder().string());
    Json config = dense.config();
    target.adapt(ConfigReader(dense), config);
    config["model_type"] = target.routed;
    config["architectures"] = Json::array({target.architecture});
    config["num_experts"] = options.experts;
    config["num_experts_per_tok"] = options.top_k;
    config["norm_topk_prob"] = options.renormalise;
    config["share_flag"] = false;
    config["decoder_sparse_step"] = 1;
    config["router_aux_loss_coef"] = 0.0;
    config["output_router_logits"] = false;
    Json dense_layers = Json::array();
    for (LayerId layer = 0; layer < static_cast<LayerId>(spec.layers.size()); ++layer) {
        if (!std::ranges::binary_search(plan.routed(), layer)) dense_layers.push_back(layer);
    }
    config["mlp_only_layers"] = dense_layers;

    Lineage lineage = read_lineage(dense.config(), dense.config_path().string());
    lineage.steps.push_back({{"step", "upcycle"},
                             {"source", content_id(dense)},
                             {"source_name", dense.name()},
                             {"writer", "alluvium " ALLUVIUM_VERSION},
                             {"layers", plan.routed()},
                             {"seed", options.seed}});
    lineage.experts_by = experts_by_word(options.experts_by);
    lineage.expert_labels = expert_labels(options.experts_by, options.experts, options.languages,
                                          LanguageTable::instance());
    write_lineage(config, lineage);
    return config;
}

}  // namespace

UpcycleSummary upcycle(const Checkpoint& dense, const std::filesystem::path& out,
                       const UpcycleOptions& options, Progress& progress) {
    const ModelSpec spec = model_spec(dense);
    target_of(spec, dense.folder().string());
    check_options(options);
    const Plan plan(dense, spec, options);
    const Json config = moe_config(dense, plan, spec, options);
    const double deviation = ConfigReader(dense).number_or("initializer_range", kRouterDeviation);

    StagedFolder folder(out, options.overwrite);
    ShardedWriter writer(folder.path(), plan.to_write(), options.shard_bytes);
    UpcycleSummary summary{plan.routed(), plan.tensors().size(), 0, writer.shards()};
    for (const Planned& planned : plan.tensors()) summary.bytes += byte_count(planned.tensor);
    progress.start(summary.bytes);
    for (const Planned& planned : plan.tensors()) {
        progress.check();
        if (planned.source != nullptr) {
            writer.write(dense.bytes(*planned.source));
            release_pages(dense.bytes(*planned.source));
        } else {
            writer.write(draw_router(planned.tensor, planned.layer, options.seed, deviation));
        }
        progress.advance(byte_count(planned.tensor));
    }
    writer.close();
    copy_side_files(dense.folder(), folder.path());
    write_file_atomically(folder.path() / "config.json", config.dump(1) + "\n");
    folder.commit();
    return summary;
}

}  // namespace alluvium
