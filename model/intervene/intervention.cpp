#include "model/intervene/intervention.h"

#include <algorithm>
#include <limits>
#include <sstream>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/forward/row_order.h"

namespace alluvium {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<int> targets_in(const Intervention& intervention, LayerId layer) {
    std::vector<int> experts;
    for (const ExpertTarget& target : intervention.targets) {
        if (target.layer == layer) experts.push_back(target.expert);
    }
    return experts;
}

// Rows where `rows` [T] holds take `changed`, the others `base`, bit by bit.
Routing merged(const at::Tensor& rows, const Routing& changed, const Routing& base) {
    const at::Tensor pick = rows.unsqueeze(1);
    Routing result;
    result.experts = at::where(pick, changed.experts, base.experts);
    result.weights = at::where(pick, changed.weights, base.weights);
    result.margin = at::where(rows, changed.margin, base.margin);
    result.counts = at::bincount(result.experts.flatten(), {}, base.counts.size(0)).to(at::kInt);
    result.ties = result.margin.eq(0).sum().to(at::kInt);
    return result;
}

}  // namespace

std::string_view operator_word(Operator op) {
    switch (op) {
        case Operator::reroute:
            return "reroute";
        case Operator::drop:
            return "drop";
        case Operator::mean:
            return "mean";
        case Operator::boost:
            return "boost";
        case Operator::force:
            return "force";
        case Operator::swap:
            return "swap";
    }
    return "";
}

std::string intervention_words(const Intervention& intervention) {
    std::ostringstream words;
    words << operator_word(intervention.op) << ' ' << targets_word(intervention.targets);
    if (intervention.op == Operator::boost) words << " (lambda " << intervention.lambda << ")";
    const RowSelection& rows = intervention.rows;
    if (rows.first_position > 0 || rows.last_position) {
        words << ", positions " << rows.first_position << "..";
        if (rows.last_position) words << *rows.last_position;
    }
    for (std::size_t l = 0; l < rows.languages.size(); ++l) {
        words << (l == 0 ? ", languages " : ",") << rows.languages[l];
    }
    return words.str();
}

std::vector<LayerId> changed_layers(const Intervention& intervention) {
    std::vector<LayerId> layers;
    for (const ExpertTarget& target : intervention.targets) layers.push_back(target.layer);
    for (const auto& [layer, shift] : intervention.shifts) layers.push_back(layer);
    std::ranges::sort(layers);
    layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
    return layers;
}

void check_intervention(const Intervention& intervention, const ModelSpec& spec) {
    for (const LayerId layer : changed_layers(intervention)) {
        const RouterSpec& rule = spec.layers[static_cast<std::size_t>(layer)].moe()->rule;
        const auto targets = static_cast<int>(targets_in(intervention, layer).size());
        const std::string where = "layer " + std::to_string(layer) + ": ";
        if (intervention.op == Operator::reroute && rule.experts - targets < rule.top_k) {
            throw UserError(where + std::to_string(rule.experts - targets) + " experts are left, " +
                                std::to_string(rule.top_k) + " have to be chosen",
                            "name fewer experts, or use --how drop");
        }
        if (intervention.op != Operator::force) continue;
        if (rule.order == SelectionOrder::sparsemixer) {
            throw UserError(where + "sparsemixer gives weights to its own choice only",
                            "use --boost in the place of --force");
        }
        if (targets > rule.top_k) {
            throw UserError(where + std::to_string(targets) + " experts are to be forced, " +
                                std::to_string(rule.top_k) + " are chosen",
                            "name at most " + std::to_string(rule.top_k) + " in one layer");
        }
    }
}

at::Tensor selected_rows(const RowSelection& selection, const TokenBatch& batch) {
    at::Tensor rows = at::ones({batch.tokens()}, at::kBool);
    if (selection.everything()) return rows;
    TORCH_CHECK(selection.languages.empty() || batch.languages.size() == batch.prompts(),
                "a selection by language needs a batch that knows its languages");
    auto* keep = rows.mutable_data_ptr<bool>();
    for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
        const bool spoken = selection.languages.empty() ||
                            std::ranges::find(selection.languages, batch.languages[prompt]) !=
                                selection.languages.end();
        const RowOrder order = row_order(batch, prompt);
        for (std::size_t row = 0; row < order.position.size(); ++row) {
            const std::int64_t position = order.position[row];
            *keep++ = spoken && position >= selection.first_position &&
                      position <= selection.last_position.value_or(position);
        }
    }
    return rows;
}

bool InterventionEdit::touches(LayerId layer) const {
    return own_.shifts.contains(layer) ||
           std::ranges::any_of(own_.targets,
                               [&](const ExpertTarget& target) { return target.layer == layer; });
}

// [targets in this layer] i32 on the device of the logits
at::Tensor InterventionEdit::target_ids(const RouterStep& step) const {
    return at::tensor(targets_in(own_, step.layer), at::kInt).to(step.logits.device());
}

at::Tensor InterventionEdit::changed_logits(const RouterStep& step) const {
    if (own_.op == Operator::swap) {
        return step.logits + own_.shifts.at(step.layer).to(step.logits.device()).unsqueeze(0);
    }
    const at::Tensor targets = target_ids(step);
    if (own_.op == Operator::reroute) {  // sparsemixer
        return step.logits.index_fill(1, targets.to(at::kLong), -kInfinity);
    }
    const at::Tensor step_up =
        step.logits.std({1}, /*correction=*/0, /*keepdim=*/true) * own_.lambda;
    return step.logits.index_add(1, targets, step_up.expand({-1, targets.size(0)}));
}

// The rule with `score` added to the targets' selection scores: the bias that some rules have for
// the choice does it, and never touches the scores that weights are made of.
Routing InterventionEdit::with_selection_score(const RouterStep& step, const RouteFunction& route,
                                               double score) const {
    if (step.rule.order == SelectionOrder::sparsemixer) {
        return route(step.layer, changed_logits(step), step.rule, step.choice_bias);
    }
    RouterSpec rule = step.rule;
    rule.choice_bias = true;
    const at::Tensor own = step.choice_bias.defined()
                               ? step.choice_bias
                               : at::zeros({step.logits.size(1)}, step.logits.options());
    const at::Tensor bias = own.index_fill(0, target_ids(step).to(at::kLong), score);
    return route(step.layer, step.logits, rule, bias);
}

Routing InterventionEdit::choose(const RouterStep& step, const RouteFunction& route) const {
    Routing base = route(step.layer, step.logits, step.rule, step.choice_bias);
    if (!touches(step.layer)) return base;
    const at::Tensor rows = selected_rows(own_.rows, step.batch).to(step.logits.device());
    if (own_.op == Operator::boost || own_.op == Operator::swap) {
        const at::Tensor logits = changed_logits(step).contiguous();
        return merged(rows, route(step.layer, logits, step.rule, step.choice_bias), base);
    }
    const at::Tensor targets = target_ids(step);
    if (own_.op == Operator::force) {
        const at::Tensor lacking = at::isin(base.experts, targets).sum(1).lt(targets.size(0));
        return merged(rows.logical_and(lacking), with_selection_score(step, route, kInfinity),
                      base);
    }
    if (own_.op == Operator::reroute) {
        const Routing changed = merged(rows, with_selection_score(step, route, -kInfinity), base);
        const at::Tensor still = at::isin(changed.experts, targets).any(1).logical_and(rows);
        if (still.any().item<bool>()) {
            throw UserError("layer " + std::to_string(step.layer) +
                                ": the groups that the rule keeps have no other expert left",
                            "name fewer experts, or use --how drop");
        }
        return changed;
    }
    const at::Tensor removed = at::isin(base.experts, targets).logical_and(rows.unsqueeze(1));
    base.weights = base.weights.masked_fill(removed, 0);
    return base;
}

at::Tensor InterventionEdit::output(const RouterStep& step, const Routing& routing,
                                    const at::Tensor& made) const {
    if (own_.op != Operator::mean || !touches(step.layer)) return made;
    const at::Tensor rows = selected_rows(own_.rows, step.batch).to(step.logits.device());
    const at::Tensor targets = target_ids(step);
    // [T, targets]: 1 where the token chose the target, whose term choose() has left out.
    const at::Tensor hit = routing.experts.unsqueeze(2)
                               .eq(targets.view({1, 1, -1}))
                               .any(1)
                               .logical_and(rows.unsqueeze(1))
                               .to(at::kFloat);
    const at::Tensor terms = own_.mean_terms.at(step.layer)
                                 .to(step.logits.device())
                                 .index_select(0, targets.to(at::kLong));
    const at::Tensor replaced =
        (made.to(at::kFloat) + at::matmul(hit, terms)).to(made.scalar_type());
    return at::where(hit.any(1, /*keepdim=*/true), replaced, made);
}

}  // namespace alluvium
