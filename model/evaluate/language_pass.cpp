#include "model/evaluate/language_pass.h"

#include <limits>

#include <ATen/ATen.h>

#include "base/error.h"
#include "captures/languages.h"
#include "model/checkpoint/lineage.h"

namespace alluvium {
namespace {

// Every token to one expert.
Routing send_to(std::int64_t expert, const at::Tensor& logits) {
    const std::int64_t tokens = logits.size(0);
    const at::TensorOptions whole = logits.options().dtype(at::kInt);
    at::Tensor counts = at::zeros({logits.size(1)}, whole);
    counts[expert] = tokens;
    return {.experts = at::full({tokens, 1}, expert, whole),
            .weights = at::ones({tokens, 1}, logits.options()),
            .margin = at::full({tokens}, std::numeric_limits<double>::infinity(), logits.options()),
            .counts = counts,
            .ties = at::zeros({}, whole)};
}

ExpertAssignment experts_of(const Engine& engine) {
    const std::vector<LayerId> routed = engine.model->spec().routed_layers();
    if (routed.empty()) {
        throw UserError("--route language: the checkpoint is dense, it has no experts",
                        "leave --route out");
    }
    const auto layer = static_cast<std::size_t>(routed.front());
    const auto experts = static_cast<int>(engine.model->spec().layers[layer].moe()->experts.size());
    return assign_experts(read_lineage(engine.checkpoint->config(), "config.json"), experts, {},
                          LanguageTable::instance());
}

}  // namespace

EvaluationRoute parse_evaluation_route(std::string_view word) {
    if (word == "model") return EvaluationRoute::model;
    if (word == "language") return EvaluationRoute::language;
    throw UserError("--route: '" + std::string(word) + "' is none of model, language");
}

std::string_view evaluation_route_word(EvaluationRoute route) {
    return route == EvaluationRoute::language ? "language" : "model";
}

LanguagePass::LanguagePass(const Engine& engine, EvaluationRoute route,
                           std::shared_ptr<const RoutingEdit> edit)
    : model_(engine.model), route_(route), edit_(std::move(edit)) {
    if (route == EvaluationRoute::language) experts_ = experts_of(engine);
}

ForwardPass LanguagePass::pass_for(const std::string& language) const {
    ForwardOptions options{.batch_invariant = false, .route = {}, .edit = edit_};
    if (route_ == EvaluationRoute::model) return ForwardPass(model_, std::move(options));
    const std::int64_t expert = experts_.expert_of(language, LanguageTable::instance());
    if (expert < 0) {
        throw UserError(
            "--route language: none of the checkpoint's experts stands for '" + language + "'",
            "leave texts in this language out, or use --route model");
    }
    options.route = [expert](LayerId, const at::Tensor& logits, const RouterSpec&,
                             const at::Tensor&) { return send_to(expert, logits); };
    return ForwardPass(model_, std::move(options));
}

}  // namespace alluvium
