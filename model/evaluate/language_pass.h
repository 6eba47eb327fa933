#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "model/capture/engine.h"
#include "model/forward/forward_pass.h"
#include "model/train/expert_assignment.h"

namespace alluvium {

// Who chooses the experts while a model is scored.
enum class EvaluationRoute {
    model,     // the routers, by the model's own rule
    language,  // the language given: its expert alone, weight 1, as lang-spec training does it
};

EvaluationRoute parse_evaluation_route(std::string_view word);  // "model" | "language"; UserError
std::string_view evaluation_route_word(EvaluationRoute route);  // the same words

// Forward passes for texts of one language.
class LanguagePass {
  public:
    // UserError where the route needs experts that stand for languages and the checkpoint's do not.
    LanguagePass(const Engine& engine, EvaluationRoute route,
                 std::shared_ptr<const RoutingEdit> edit = nullptr);

    // UserError where the route needs an expert and the language has none.
    ForwardPass pass_for(const std::string& language) const;

  private:
    std::shared_ptr<const Model> model_;
    EvaluationRoute route_;
    std::shared_ptr<const RoutingEdit> edit_;
    ExpertAssignment experts_;
};

}  // namespace alluvium
