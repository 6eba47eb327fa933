#include "model/kernels/cpu/route_row.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "model/router/outside_score.h"

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
      outside_(outside_score(spec)),
      scores_(spec.experts),
      selection_(spec.experts),
      keys_(spec.experts),
      group_keys_(spec.groups),
      group_kept_(spec.groups, 1) {}

float RowRouter::route(std::span<const float> logits, std::span<std::int32_t> experts,
                       std::span<float> weights) {
    if (spec_.order == SelectionOrder::sparsemixer) return sparsemixer(logits, experts, weights);
    score(logits);
    const float group_margin = keep_best_groups();
    const float margin = choose(experts);
    weigh(experts, weights);
    return smaller_margin(margin, group_margin);
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
    RankCode best = taken_code;
    RankCode second = taken_code;
    for (int e = group * size; e < (group + 1) * size; ++e) {
        const RankCode code = rank_code(selection_[e]);
        second = std::max(second, std::min(best, code));
        best = std::max(best, code);
    }
    const float score = score_of(best, outside_);
    return spec_.group_score == GroupScore::best ? score : score + score_of(second, outside_);
}

// Marks the groups kept; returns the margin between the last one kept and the first one left out.
float RowRouter::keep_best_groups() {
    if (spec_.topk_groups == spec_.groups) return infinity;
    for (int g = 0; g < spec_.groups; ++g) {
        group_keys_[g] = selection_key(rank_code(group_score(g)), g);
    }
    sort_best_first(group_keys_, spec_.topk_groups + 1);
    std::fill(group_kept_.begin(), group_kept_.end(), 0);
    for (int rank = 0; rank < spec_.topk_groups; ++rank) {
        group_kept_[index_of(group_keys_[rank])] = 1;
    }
    return margin_after(group_keys_, spec_.topk_groups);
}

float RowRouter::choose(std::span<std::int32_t> experts) {
    const int group_size = spec_.experts / spec_.groups;
    for (int e = 0; e < spec_.experts; ++e) {
        const bool kept = group_kept_[e / group_size] != 0;
        keys_[e] = selection_key(kept ? rank_code(selection_[e]) : outside_code, e);
    }
    sort_best_first(keys_, spec_.top_k + 1);
    for (int rank = 0; rank < spec_.top_k; ++rank) experts[rank] = index_of(keys_[rank]);
    return margin_after(keys_, spec_.top_k);
}

// Distance between the n-th and the next of keys sorted best first.
float RowRouter::margin_after(std::span<const SelectionKey> keys, int n) const {
    if (n == std::ssize(keys)) return infinity;
    return score_distance(score_of(code_of(keys[n - 1]), outside_),
                          score_of(code_of(keys[n]), outside_));
}

void RowRouter::weigh(std::span<const std::int32_t> experts, std::span<float> weights) const {
    for (int rank = 0; rank < spec_.top_k; ++rank) weights[rank] = scores_[experts[rank]];
    if (spec_.order == SelectionOrder::top_k_then_softmax) softmax(weights);
    if (spec_.order == SelectionOrder::top_k_then_sigmoid) score_by(Scoring::sigmoid, weights);
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
    for (int e = 0; e < spec_.experts; ++e) keys_[e] = selection_key(rank_code(logits[e]), e);
    sort_best_first(keys_, 3);
    const auto threshold = static_cast<float>(2 * spec_.jitter);
    for (int round = 0; round < 2; ++round) {
        experts[round] = index_of(keys_[round]);
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
    return margin_after(keys_, 2);
}

}  // namespace alluvium
