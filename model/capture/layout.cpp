#include "model/capture/layout.h"

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/capture/versions.h"
#include "model/checkpoint/lineage.h"
#include "model/families/inspect.h"
#include "model/forward/stored_weight.h"

namespace alluvium {
namespace {

// The rule, and what it adds to the scores for the choice, by layer: with the logits all that the
// choice went by.
Json trace_router(const Engine& engine) {
    const ModelSpec& spec = engine.model->spec();
    Json router, biases = Json::object();
    for (const LayerId layer : spec.routed_layers()) {
        const MoeSpec& moe = *spec.layers[static_cast<std::size_t>(layer)].moe();
        router = router_json(moe.rule);
        if (!moe.choice_bias) continue;
        const at::Tensor bias =
            stored_weight(*engine.checkpoint, *moe.choice_bias).to(at::kFloat).contiguous();
        const auto* values = bias.const_data_ptr<float>();
        biases[std::to_string(layer)] = std::vector<float>(values, values + bias.numel());
    }
    if (!biases.empty()) router["choice_bias"] = std::move(biases);
    return router;
}

ModelInfo model_info(const Engine& engine) {
    const ModelSpec& spec = engine.model->spec();
    ModelInfo info;
    info.name = engine.checkpoint->name();
    info.checkpoint_id = engine.checkpoint_id;
    info.family = spec.family;
    info.layer_count = static_cast<std::int64_t>(spec.layers.size());
    info.hidden_size = spec.hidden_size;
    info.vocab_size = spec.vocab_size;
    info.config_json = engine.checkpoint->config().dump();
    info.tokenizer_id = engine.tokenizer ? engine.tokenizer->id() : "";
    info.dtype = dtype_word(engine.model->dtype());
    info.device = engine.model->device().str();
    info.engine = engine_version();
    const Lineage lineage =
        read_lineage(engine.checkpoint->config(), engine.checkpoint->config_path().string());
    if (!lineage.steps.empty()) info.lineage = lineage.steps.dump();
    info.expert_labels = lineage.expert_labels;
    if (!spec.routed_layers().empty()) info.router_json = trace_router(engine).dump();
    return info;
}

std::vector<RoutedLayerInfo> routed_layers(const ModelSpec& spec, const RecordFields& fields,
                                           std::uint32_t random_routers) {
    std::vector<RoutedLayerInfo> layers;
    if (!fields.router()) return layers;
    for (const LayerId layer : spec.routed_layers()) {
        const RouterSpec& rule = spec.layers[static_cast<std::size_t>(layer)].moe()->rule;
        layers.push_back({.layer = layer,
                          .experts = static_cast<std::uint32_t>(rule.experts),
                          .top_k = static_cast<std::uint32_t>(rule.top_k),
                          .shared_experts = static_cast<std::uint32_t>(rule.shared_experts),
                          .rule = sentence(rule),
                          .has_experts = fields.experts,
                          .has_weights = fields.weights,
                          .has_logits = fields.logits,
                          .has_margin = fields.experts,
                          .random_routers = fields.experts ? random_routers : 0});
    }
    return layers;
}

// What decides a trace's content: a capture is resumed only under the same options.
Json options_json(const Engine& engine, const CaptureOptions& options) {
    const auto add_bos = options.add_bos == AddBos::automatic ? "auto"
                         : options.add_bos == AddBos::yes     ? "yes"
                                                              : "no";
    Json json = {{"dtype", dtype_word(engine.model->dtype())},
            {"device", engine.model->device().is_cuda() ? "cuda" : "cpu"},
            {"batch_tokens", options.batch_tokens},
            {"batch_invariant", options.batch_invariant},
            {"add_bos", add_bos},
            {"random_routers", options.random_routers},
            {"max_tokens", options.max_tokens ? Json(*options.max_tokens) : Json(nullptr)}};
    if (options.generate > 0) json["generate"] = options.generate;
    if (options.chat) {
        json["template"] = "chat";
        json["system"] = options.chat->system;
        if (options.chat->date) json["template_date"] = *options.chat->date;
    }
    if (!options.edit_words.empty()) json["intervention"] = options.edit_words;
    return json;
}

}  // namespace

RecordFields available_fields(const RecordFields& wanted, const Model& model,
                              std::vector<std::string>& notes) {
    RecordFields fields = wanted;
    if (model.spec().routed_layers().empty() && wanted.router()) {
        notes.emplace_back("the checkpoint is dense: it has no router, so experts, weights and logits "
                           "are not recorded");
        fields.experts = fields.weights = fields.logits = false;
    }
    if (!fields.any()) {
        throw UserError("nothing to record: the checkpoint is dense and only router fields were asked for",
                        "give --record means: where languages lie in its residual stream, layer by layer");
    }
    return fields;
}

TraceLayout trace_layout(const Engine& engine, TokenRows rows, const RecordFields& fields,
                         const CaptureOptions& options, const std::string& prompt_hash) {
    TraceLayout layout;
    TraceHeader& header = layout.header;
    header.writer = "alluvium " ALLUVIUM_VERSION;
    header.model = model_info(engine);
    header.layers = routed_layers(engine.model->spec(), fields, options.random_routers);
    header.token_count = rows.tokens.size();
    header.prompts = std::move(rows.prompts);
    std::vector<LayerId> streams;
    for (LayerId layer = -1; layer < static_cast<LayerId>(header.model.layer_count); ++layer) {
        streams.push_back(layer);
    }
    if (fields.hidden) header.hidden_layers = streams;
    if (fields.means) layout.mean_layers = streams;
    header.has_output_logits = fields.output;
    header.has_nll = fields.nll;
    header.provenance = {{"command", options.command},
                         {"libtorch", libtorch_version()},
                         {"options_json", options_json(engine, options).dump()},
                         {"prompt_set", prompt_hash}};
    if (!options.prompt_set_name.empty()) {
        header.provenance["prompt_set_name"] = options.prompt_set_name;
    }
    layout.tokens = std::move(rows.tokens);
    layout.precision = options.precision;
    layout.output_logits = fields.output;
    layout.next_token_nll = fields.nll;
    return layout;
}

}  // namespace alluvium
