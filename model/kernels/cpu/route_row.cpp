#include "model/kernels/cpu/route_row.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace alluvium {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Sums run in double: they cost little next to the exponentials, and keep weights within an ulp or
// two of the rule in double for any number of experts.
void softmax(std::span<float> values) {
    float largest = -infinity;
    for (const float v : values) largest = std::max(largest, v);
    double sum = 0;
    for (float& v : values) {
        v = std::exp(v - largest);
        sum += v;
    }
    for (float& v : values) v = static_cast<float>(v / sum);
}

float sigmoid(float x) {
    return 1.0F / (1.0F + std::exp(-x));
}

float softplus(float x) {
    return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x)));
}

void score_by(Scoring scoring, std::span<float> values) {
    switch (scoring) {
        case Scoring::softmax:
            softmax(values);
            break;
        case Scoring::sigmoid:
            for (float& v : values) v = sigmoid(v);
            break;
        case Scoring::sqrt_softplus:
            for (float& v : values) v = std::sqrt(softplus(v));
            break;
        case Scoring::none:
            break;
    }
}

void sort_best_first(std::vector<SelectionKey>& keys, int best) {
    const auto end = keys.begin() + std::min<std::ptrdiff_t>(best, std::ssize(keys));
    std::partial_sort(keys.begin(), end, keys.end(), std::greater<>{});
}

}  // namespace

RowRouter::RowRouter(const RouterSpec& spec, std::span<const float> choice_bias)
    : spec_(spec),
      bias_(choice_bias),
      outside_score_(outside_score(spec)),
      scores_(spec.experts),
      selection_(spec.experts),
      keys_(spec.experts),
      group_keys_(spec.groups),
      group_scores_(spec.groups),
      group_kept_(spec.groups, 1) {}

float RowRouter::route(std::span<const float> logits, std::span<std::int32_t> experts,
                       std::span<float> weights) {
    if (spec_.order == SelectionOrder::sparsemixer) return sparsemixer(logits, experts, weights);
    score(logits);
    const float group_margin = keep_best_groups();
    const float margin = choose(experts);
    weigh(experts, weights);
    return std::isnan(group_margin) ? group_margin : std::min(margin, group_margin);
}

void RowRouter::score(std::span<const float> logits) {
    std::copy(logits.begin(), logits.end(), scores_.begin());
    if (spec_.order == SelectionOrder::score_then_top_k) score_by(spec_.scoring, scores_);
    for (int e = 0; e < spec_.experts; ++e) {
        selection_[e] = bias_.empty() ? scores_[e] : scores_[e] + bias_[e];
    }
}

float RowRouter::group_score(int group) const {
    const int size = spec_.experts / spec_.groups;
    SelectionKey best = no_selection;
    SelectionKey second = no_selection;
    for (int e = group * size; e < (group + 1) * size; ++e) {
        const SelectionKey key = selection_key(selection_[e], e);
        second = std::max(second, std::min(best, key));
        best = std::max(best, key);
    }
    const float score = selection_[selected_expert(best)];
    if (spec_.group_score == GroupScore::best) return score;
    return score + selection_[selected_expert(second)];
}

// Marks the groups kept; returns the margin between the last one kept and the first one left out.
float RowRouter::keep_best_groups() {
    if (spec_.topk_groups == spec_.groups) return infinity;
    for (int g = 0; g < spec_.groups; ++g) {
        group_scores_[g] = group_score(g);
        group_keys_[g] = selection_key(group_scores_[g], g);
    }
    sort_best_first(group_keys_, spec_.topk_groups + 1);
    std::fill(group_kept_.begin(), group_kept_.end(), 0);
    for (int rank = 0; rank < spec_.topk_groups; ++rank) {
        group_kept_[selected_expert(group_keys_[rank])] = 1;
    }
    return score_distance(group_scores_[selected_expert(group_keys_[spec_.topk_groups - 1])],
                          group_scores_[selected_expert(group_keys_[spec_.topk_groups])]);
}

float RowRouter::choose(std::span<std::int32_t> experts) {
    const int group_size = spec_.experts / spec_.groups;
    for (int e = 0; e < spec_.experts; ++e) {
        const bool kept = group_kept_[e / group_size] != 0;
        keys_[e] = selection_key(kept ? selection_[e] : -infinity, e);
        if (!kept) selection_[e] = outside_score_;
    }
    sort_best_first(keys_, spec_.top_k + 1);
    for (int rank = 0; rank < spec_.top_k; ++rank) experts[rank] = selected_expert(keys_[rank]);
    if (spec_.top_k == spec_.experts) return infinity;
    return score_distance(selection_[experts[spec_.top_k - 1]],
                          selection_[selected_expert(keys_[spec_.top_k])]);
}

void RowRouter::weigh(std::span<const std::int32_t> experts, std::span<float> weights) const {
    for (int rank = 0; rank < spec_.top_k; ++rank) weights[rank] = scores_[experts[rank]];
    if (spec_.order == SelectionOrder::top_k_then_softmax) softmax(weights);
    renormalise_and_scale(weights);
}

void RowRouter::renormalise_and_scale(std::span<float> weights) const {
    double factor = spec_.scale;
    if (spec_.renormalise) {
        double sum = renormalise_epsilon;
        for (const float w : weights) sum += w;
        factor /= sum;
    }
    for (float& w : weights) w = static_cast<float>(w * factor);
}

// Source: Phi-3.5-MoE at inference. Each round takes the best logit m of those left; its weight is
// a softmax over the logits left that lie within 2 * jitter of m, relative to max(|logit|, m).
float RowRouter::sparsemixer(std::span<const float> logits, std::span<std::int32_t> experts,
                             std::span<float> weights) {
    for (int e = 0; e < spec_.experts; ++e) keys_[e] = selection_key(logits[e], e);
    sort_best_first(keys_, 3);
    const auto threshold = static_cast<float>(2 * spec_.jitter);
    for (int round = 0; round < 2; ++round) {
        experts[round] = selected_expert(keys_[round]);
        const float best = logits[experts[round]];
        double sum = 0;
        for (int e = 0; e < spec_.experts; ++e) {
            const bool removed = round == 1 && e == experts[0];
            const float distance = (best - logits[e]) / std::max(std::abs(logits[e]), best);
            if (!removed && !(distance > threshold)) sum += std::exp(logits[e] - best);
        }
        weights[round] = static_cast<float>(1.0 / sum);
    }
    renormalise_and_scale(weights);
    if (spec_.experts == 2) return infinity;
    return score_distance(logits[experts[1]], logits[selected_expert(keys_[2])]);
}

}  // namespace alluvium
