#pragma once
// A change of what routers do, as plain data, and the edit that makes a forward pass obey it.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/forward/routing_edit.h"
#include "model/intervene/targets.h"

namespace alluvium {

// Selection scores are what the rule ranks experts by (docs/families.md): score plus bias, not the
// score that weights are made of.
enum class Operator {
    // The selection score of the targets is -inf: the next experts take over. Weights follow from
    // the rule for the new choice. Under sparsemixer, which ranks logits, the logit is -inf.
    reroute,
    // The term w_e f_e(x) of a chosen target is left out; the other terms keep their weights.
    drop,
    // The term of a chosen target is replaced by its mean over all tokens that chose the target in
    // the unchanged run.
    mean,
    // z_e + lambda * std(z), the standard deviation over the token's E logits (population).
    // Scores, choice and weights follow from the new logits.
    boost,
    // Targets are among the chosen: their selection score is +inf. Where a target was absent it
    // takes the place of the last of the k; its weight is what the rule gives that set. Tokens that
    // chose all targets anyway are untouched.
    force,
    // z + (mean z of another language - mean z of the token's language): the language is routed as
    // the other one is on average; what tells its tokens apart stays. Means are of the unchanged
    // run.
    swap,
};

std::string_view operator_word(Operator op);  // "reroute", ...

// Which tokens are subject to a change.
struct RowSelection {
    std::int64_t first_position = 0;            // in the prompt, from 0
    std::optional<std::int64_t> last_position;  // inclusive; nothing: to the end
    std::vector<std::string> languages{};       // labels; empty: all

    bool everything() const { return first_position == 0 && !last_position && languages.empty(); }
};

struct Intervention {
    Operator op = Operator::reroute;
    std::vector<ExpertTarget> targets{};  // ascending; none for swap
    double lambda = 1.0;                  // boost
    RowSelection rows{};
    std::map<LayerId, at::Tensor> mean_terms{};  // mean: [E, H] f32, mean of w_e f_e(x)
    std::map<LayerId, at::Tensor> shifts{};      // swap: [E] f32, added to the logits
};

// "boost 7:4 (lambda 0.5), positions 0..3, languages fr": without the means it works with.
std::string intervention_words(const Intervention& intervention);

// The layers that it changes, ascending.
std::vector<LayerId> changed_layers(const Intervention& intervention);

// UserError where the model's rule cannot follow it: fewer experts left than have to be chosen,
// more forced than are chosen, forced experts under sparsemixer (whose weights exist for its own
// choice only).
void check_intervention(const Intervention& intervention, const ModelSpec& spec);

// Batches need `languages` where the selection names some. UserError in a forward pass where every
// expert of the groups that the rule keeps is a target of `reroute`.
class InterventionEdit final : public RoutingEdit {
  public:
    explicit InterventionEdit(Intervention intervention) : own_(std::move(intervention)) {}

    const Intervention& intervention() const { return own_; }

    Routing choose(const RouterStep& step, const RouteFunction& route) const override;
    at::Tensor output(const RouterStep& step, const Routing& routing,
                      const at::Tensor& made) const override;

  private:
    at::Tensor changed_logits(const RouterStep& step) const;
    Routing with_selection_score(const RouterStep& step, const RouteFunction& route,
                                 double score) const;
    at::Tensor target_ids(const RouterStep& step) const;
    bool touches(LayerId layer) const;

    Intervention own_;
};

// [T] bool on the CPU: the batch's rows that the selection holds.
at::Tensor selected_rows(const RowSelection& selection, const TokenBatch& batch);

}  // namespace alluvium
