#include "model/kernels/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "model/router/outside_score.h"

namespace alluvium {

namespace {

using Values = std::vector<double>;
using Order = std::vector<int>;

constexpr double infinity = std::numeric_limits<double>::infinity();

Values softmax(Values values) {
    const double largest = *std::max_element(values.begin(), values.end());
    double sum = 0;
    for (double& v : values) sum += v = std::exp(v - largest);
    for (double& v : values) v /= sum;
    return values;
}

Values scores_of(const Values& logits, const RouterSpec& spec) {
    if (spec.order != SelectionOrder::score_then_top_k) return logits;
    if (spec.scoring == Scoring::softmax) return softmax(logits);
    Values scores = logits;
    if (spec.scoring == Scoring::sigmoid) {
        for (double& v : scores) v = 1 / (1 + std::exp(-v));
    }
    if (spec.scoring == Scoring::sqrt_softplus) {
        for (double& v : scores)
            v = std::sqrt(std::max(v, 0.0) + std::log1p(std::exp(-std::fabs(v))));
    }
    return scores;
}

// Indices, best first: NaN after every number, ties in the order of the indices.
Order best_first(const Values& values) {
    Order order(values.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        if (std::isnan(values[b])) return !std::isnan(values[a]);
        return values[a] > values[b];
    });
    return order;
}

// Distance of the last of the first n to the next one.
double margin_after(const Values& values, const Order& order, int n) {
    if (n == static_cast<int>(order.size())) return infinity;
    const double last = values[order[n - 1]];
    const double next = values[order[n]];
    return last == next ? 0 : last - next;
}

double smaller(double a, double b) {
    return std::isnan(a) || std::isnan(b) ? std::numeric_limits<double>::quiet_NaN()
                                          : std::min(a, b);
}

Values group_scores(const Values& selection, const RouterSpec& spec) {
    const int size = spec.experts / spec.groups;
    Values scores;
    for (int g = 0; g < spec.groups; ++g) {
        const Values group(selection.begin() + g * size, selection.begin() + (g + 1) * size);
        const Order order = best_first(group);
        scores.push_back(group[order[0]]);
        if (spec.group_score == GroupScore::best_two) scores.back() += group[order[1]];
    }
    return scores;
}

// What one token's row comes to.
struct Choice {
    Order experts;
    Values weights;
    double margin = infinity;
};

void renormalise_and_scale(Values& weights, const RouterSpec& spec) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0) + renormalise_epsilon;
    for (double& w : weights) w = (spec.renormalise ? w / sum : w) * spec.scale;
}

// One expert's weight among the `pool` (-inf: taken already): a softmax over what lies within the
// threshold of it. The distances are relative to the larger of the logit's size and the best logit.
double sparsemixer_weight(const Values& logits, const Values& pool, int best, double jitter) {
    double sum = 0;
    for (std::size_t e = 0; e < logits.size(); ++e) {
        const double unit = std::max(std::fabs(logits[e]), logits[best]);
        const bool far = (logits[best] - logits[e]) / unit > 2 * jitter;
        if (!far) sum += std::exp(pool[e] - logits[best]);
    }
    return 1 / sum;
}

Choice sparsemixer(const Values& logits, const RouterSpec& spec) {
    const Order order = best_first(logits);
    Choice choice;
    choice.margin = margin_after(logits, order, 2);
    Values pool = logits;
    for (int round = 0; round < 2; ++round) {
        choice.experts.push_back(order[round]);
        choice.weights.push_back(sparsemixer_weight(logits, pool, order[round], spec.jitter));
        pool[order[round]] = -infinity;
    }
    return choice;
}

// Keeps the best groups: the experts of the others count with outside_score(). Returns which
// experts are kept.
std::vector<bool> keep_best_groups(Values& selection, const RouterSpec& spec, double& margin) {
    std::vector<bool> kept(selection.size(), true);
    if (spec.topk_groups == spec.groups) return kept;
    const Values groups = group_scores(selection, spec);
    const Order order = best_first(groups);
    margin = margin_after(groups, order, spec.topk_groups);
    const int size = spec.experts / spec.groups;
    for (int rank = spec.topk_groups; rank < spec.groups; ++rank) {
        const int first = order[rank] * size;
        std::fill_n(kept.begin() + first, size, false);
        std::fill_n(selection.begin() + first, size, outside_score(spec));
    }
    return kept;
}

Choice by_scores(const Values& logits, const RouterSpec& spec, std::span<const float> bias) {
    const Values scores = scores_of(logits, spec);
    Values selection = scores;
    for (std::size_t e = 0; e < bias.size(); ++e) selection[e] += bias[e];

    Choice choice;
    const std::vector<bool> kept = keep_best_groups(selection, spec, choice.margin);
    Order order = best_first(selection);
    std::stable_partition(order.begin(), order.end(), [&](int e) { return kept[e]; });
    choice.margin = smaller(choice.margin, margin_after(selection, order, spec.top_k));
    choice.experts.assign(order.begin(), order.begin() + spec.top_k);
    for (const int e : choice.experts) choice.weights.push_back(scores[e]);
    if (spec.order == SelectionOrder::top_k_then_softmax) choice.weights = softmax(choice.weights);
    if (spec.order == SelectionOrder::top_k_then_sigmoid) {
        for (double& w : choice.weights) w = 1 / (1 + std::exp(-w));
    }
    return choice;
}

}  // namespace

ReferenceRouting route_reference(const Grid<float>& logits, const RouterSpec& spec,
                                 std::span<const float> choice_bias) {
    check_spec(spec);
    const auto k = static_cast<std::size_t>(spec.top_k);
    ReferenceRouting routing{.experts = {logits.rows(), k},
                             .weights = {logits.rows(), k},
                             .margin = Values(logits.rows()),
                             .counts = std::vector<std::int32_t>(spec.experts)};
    for (std::size_t t = 0; t < logits.rows(); ++t) {
        const Values row(logits.row(t).begin(), logits.row(t).end());
        Choice choice = spec.order == SelectionOrder::sparsemixer
                            ? sparsemixer(row, spec)
                            : by_scores(row, spec, choice_bias);
        renormalise_and_scale(choice.weights, spec);
        std::copy(choice.experts.begin(), choice.experts.end(), routing.experts.row(t).begin());
        std::copy(choice.weights.begin(), choice.weights.end(), routing.weights.row(t).begin());
        routing.margin[t] = choice.margin;
        for (const int e : choice.experts) ++routing.counts[e];
        routing.ties += choice.margin == 0 ? 1 : 0;
    }
    return routing;
}

}  // namespace alluvium
