#include "model/intervene/intervention_edit.h"

#include <algorithm>
#include <limits>
#include <map>

#include <ATen/ATen.h>

#include "base/error.h"

namespace alluvium {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Acting = std::vector<const Intervention*>;

// Rows of a batch on which the same interventions act. [T] bool on the CPU
struct RowClass {
    Acting acting;
    at::Tensor rows;
};

bool touches(const Intervention& intervention, LayerId layer) {
    return intervention.shifts.contains(layer) ||
           std::ranges::any_of(intervention.targets,
                               [&](const ExpertTarget& target) { return target.layer == layer; });
}

// Only the combinations that occur: no more than there are languages and bounds of positions.
std::vector<RowClass> row_classes(const Acting& here, const TokenBatch& batch) {
    std::vector<at::Tensor> selected;
    for (const Intervention* i : here) selected.push_back(selected_rows(i->rows, batch));
    std::map<std::vector<bool>, at::Tensor> rows_of;
    for (std::int64_t row = 0; row < batch.tokens(); ++row) {
        std::vector<bool> acts;
        for (const at::Tensor& rows : selected) acts.push_back(rows.const_data_ptr<bool>()[row]);
        at::Tensor& rows = rows_of[acts];
        if (!rows.defined()) rows = at::zeros({batch.tokens()}, at::kBool);
        rows.mutable_data_ptr<bool>()[row] = true;
    }
    std::vector<RowClass> classes;
    for (const auto& [acts, rows] : rows_of) {
        RowClass& one = classes.emplace_back(RowClass{{}, rows});
        for (std::size_t i = 0; i < here.size(); ++i) {
            if (acts[i]) one.acting.push_back(here[i]);
        }
    }
    return classes;
}

// Experts of the layer that an operator of this kind names. [n] i32 on the device of the logits
at::Tensor experts_named(const Acting& acting, Operator op, const RouterStep& step) {
    std::vector<int> experts;
    for (const Intervention* i : acting) {
        for (const ExpertTarget& target : i->targets) {
            if (i->op == op && target.layer == step.layer) experts.push_back(target.expert);
        }
    }
    return at::tensor(experts, at::kInt).to(step.logits.device());
}

bool chooses_anew(const Intervention* intervention) {
    return intervention->op != Operator::drop && intervention->op != Operator::mean;
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

// Every standard deviation is of the logits as the router gave them, so that no order matters.
at::Tensor changed_logits(const Acting& acting, const RouterStep& step) {
    at::Tensor logits = step.logits;
    for (const Intervention* i : acting) {
        if (i->op == Operator::swap) {
            logits = logits + i->shifts.at(step.layer).to(step.logits.device()).unsqueeze(0);
        }
        if (i->op != Operator::boost) continue;
        const at::Tensor targets = experts_named({i}, Operator::boost, step);
        const at::Tensor raise =
            step.logits.std({1}, /*correction=*/0, /*keepdim=*/true) * i->lambda;
        logits = logits.index_add(1, targets, raise.expand({-1, targets.size(0)}));
    }
    return logits.contiguous();
}

// The rule with selection scores of -inf and +inf: the bias that some rules have for the choice
// does it, and never touches the scores that weights are made of. Sparsemixer, which ranks
// logits, takes -inf there.
Routing choice_without(const at::Tensor& away, const at::Tensor& forced, const at::Tensor& logits,
                       const RouterStep& step, const RouteFunction& route) {
    if (away.numel() + forced.numel() == 0) {
        return route(step.layer, logits, step.rule, step.choice_bias);
    }
    if (step.rule.order == SelectionOrder::sparsemixer) {
        return route(step.layer, logits.index_fill(1, away.to(at::kLong), -kInfinity), step.rule,
                     step.choice_bias);
    }
    RouterSpec rule = step.rule;
    rule.choice_bias = true;
    const at::Tensor own = step.choice_bias.defined()
                               ? step.choice_bias
                               : at::zeros({step.logits.size(1)}, step.logits.options());
    return route(step.layer, logits, rule,
                 own.index_fill(0, away.to(at::kLong), -kInfinity)
                     .index_fill(0, forced.to(at::kLong), kInfinity));
}

// What the rule makes of all rows where these act.
Routing changed_choice(const Acting& acting, const RouterStep& step, const RouteFunction& route) {
    const at::Tensor logits = changed_logits(acting, step);
    const at::Tensor away = experts_named(acting, Operator::reroute, step);
    const at::Tensor forced = experts_named(acting, Operator::force, step);
    Routing chosen = choice_without(away, away.narrow(0, 0, 0), logits, step, route);
    if (forced.numel() == 0) return chosen;
    const at::Tensor lacking = at::isin(chosen.experts, forced).sum(1).lt(forced.size(0));
    return merged(lacking, choice_without(away, forced, logits, step, route), chosen);
}

void check_gone(const RowClass& rows, const Routing& routing, const RouterStep& step) {
    const at::Tensor away = experts_named(rows.acting, Operator::reroute, step);
    if (away.numel() == 0) return;
    const at::Tensor still = at::isin(routing.experts, away).any(1);
    if (!still.logical_and(rows.rows.to(still.device())).any().item<bool>()) return;
    throw UserError("layer " + std::to_string(step.layer) +
                        ": the groups that the rule keeps have no other expert left",
                    "name fewer experts, or use --how drop");
}

}  // namespace

std::vector<const Intervention*> InterventionEdit::acting_in(LayerId layer) const {
    Acting acting;
    for (const Intervention& intervention : together_) {
        if (touches(intervention, layer)) acting.push_back(&intervention);
    }
    return acting;
}

Routing InterventionEdit::choose(const RouterStep& step, const RouteFunction& route) const {
    Routing routing = route(step.layer, step.logits, step.rule, step.choice_bias);
    const Acting here = acting_in(step.layer);
    if (here.empty()) return routing;
    for (const RowClass& rows : row_classes(here, step.batch)) {
        if (std::ranges::none_of(rows.acting, chooses_anew)) continue;
        routing = merged(rows.rows.to(step.logits.device()),
                         changed_choice(rows.acting, step, route), routing);
        check_gone(rows, routing, step);
    }
    for (const Intervention* i : here) {
        if (chooses_anew(i)) continue;
        const at::Tensor rows = selected_rows(i->rows, step.batch).to(step.logits.device());
        const at::Tensor removed = at::isin(routing.experts, experts_named({i}, i->op, step))
                                       .logical_and(rows.unsqueeze(1));
        routing.weights = routing.weights.masked_fill(removed, 0);
    }
    return routing;
}

at::Tensor InterventionEdit::output(const RouterStep& step, const Routing& routing,
                                    const at::Tensor& made) const {
    at::Tensor sum = made;
    at::Tensor touched;  // [T, 1]
    for (const Intervention* i : acting_in(step.layer)) {
        if (i->op != Operator::mean) continue;
        const at::Tensor rows = selected_rows(i->rows, step.batch).to(step.logits.device());
        const at::Tensor targets = experts_named({i}, Operator::mean, step);
        // [T, targets]: 1 where the token chose the target, whose term choose() has left out.
        const at::Tensor hit = routing.experts.unsqueeze(2)
                                   .eq(targets.view({1, 1, -1}))
                                   .any(1)
                                   .logical_and(rows.unsqueeze(1))
                                   .to(at::kFloat);
        const at::Tensor terms = i->mean_terms.at(step.layer)
                                     .to(step.logits.device())
                                     .index_select(0, targets.to(at::kLong));
        sum = sum.to(at::kFloat) + at::matmul(hit, terms);
        const at::Tensor any = hit.any(1, /*keepdim=*/true);
        touched = touched.defined() ? touched.logical_or(any) : any;
    }
    return touched.defined() ? at::where(touched, sum.to(made.scalar_type()), made) : made;
}

}  // namespace alluvium
