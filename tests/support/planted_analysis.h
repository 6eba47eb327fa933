#pragma once
// Results with a planted structure, made without a trace: groups that share experts where `apart`
// is 0 and have experts of their own where it is 1. For tests of what draws results.
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/verdict_sentence.h"

namespace alluvium::test {

struct Planted {
    std::vector<std::string> groups;
    std::size_t layers = 8;
    std::uint32_t experts = 12;
    std::uint32_t top_k = 2;
    std::function<double(double depth)> apart = [](double depth) {
        return std::max(0.0, depth - 0.5) * 2;  // depth 0..1
    };
    bool counts = false;  // as imported aggregates: no intervals, no circuit
    std::uint64_t tokens = 1500;
    int first_layer = 0;
    unsigned seed = 1;
};

inline std::vector<double> random_shares(std::mt19937& random, std::size_t n, double spikiness) {
    std::vector<double> q(n);
    double sum = 0;
    for (double& x : q) {
        x = std::exp(spikiness * std::normal_distribution<double>()(random));
        sum += x;
    }
    for (double& x : q) x /= sum;
    return q;
}

inline double entropy_of(const std::vector<double>& q) {
    double h = 0;
    for (const double p : q)
        if (p > 0) h -= p * std::log(p);
    return h;
}

inline LayerAnalysis planted_layer(const Planted& plan, std::size_t index, std::mt19937& random) {
    const std::size_t G = plan.groups.size(), E = plan.experts;
    const double depth = plan.layers > 1 ? double(index) / double(plan.layers - 1) : 0;
    const double apart = plan.apart(depth);
    LayerAnalysis layer;
    layer.layer = plan.first_layer + static_cast<int>(index);
    layer.experts = plan.experts;
    layer.top_k = plan.top_k;
    layer.tokens.assign(G, plan.tokens);
    layer.selections = Grid<std::uint64_t>(G, E);
    layer.share = Grid<double>(G, E);
    layer.token_ratio = Grid<double>(G, E);
    layer.mean_share.assign(E, 0.0);
    const std::vector<double> common = random_shares(random, E, 0.8);
    double mean_entropy = 0;
    for (std::size_t g = 0; g < G; ++g) {
        std::vector<double> q(E);
        const std::vector<double> own = random_shares(random, E, 1.2);
        for (std::size_t e = 0; e < E; ++e)
            q[e] = (1 - apart) * (0.85 * common[e] + 0.15 * own[e]) + apart * 0.4 * own[e];
        // As many experts of its own as would be picked together, each at most 1 / k.
        for (unsigned k = 0; k < plan.top_k; ++k)
            q[(g * 5 + k * 7 + index) % E] += apart * 0.6 / plan.top_k;
        double total = 0;
        for (std::size_t e = 0; e < E; ++e) {
            const double picks = std::floor(q[e] * double(plan.tokens) * plan.top_k + 0.3);
            layer.selections(g, e) = static_cast<std::uint64_t>(picks);
            total += picks;
        }
        for (std::size_t e = 0; e < E; ++e) {
            q[e] = double(layer.selections(g, e)) / total;
            layer.share(g, e) = q[e];
            layer.token_ratio(g, e) = q[e] * plan.top_k;
            layer.mean_share[e] += q[e] / double(G);
        }
        mean_entropy += entropy_of(q) / double(G);
    }
    Divergence& d = layer.divergence;
    const double logG = std::log(double(std::max<std::size_t>(G, 2)));
    d.value = (entropy_of(layer.mean_share) - mean_entropy) / logG;
    d.ceiling = std::min(1.0, std::log(double(E) / plan.top_k) / logG);
    d.relative = d.value / d.ceiling;
    if (plan.counts) return layer;
    d.corrected = d.value - 0.004;
    d.low = d.corrected - 0.006 - 0.03 * d.corrected;
    d.high = d.corrected + 0.006 + 0.03 * d.corrected;
    d.relative = d.corrected / d.ceiling;
    d.null_mean = 0.006;
    d.null_p95 = 0.009;
    d.band = 0.012;
    layer.noise_floor = 0.003;
    return layer;
}

// The smallest set that carries half of the shares, in order of expert.
inline std::vector<std::size_t> kept_half(std::span<const double> q) {
    std::vector<std::size_t> order(q.size());
    for (std::size_t e = 0; e < q.size(); ++e) order[e] = e;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return q[a] > q[b]; });
    double mass = 0;
    std::size_t n = 0;
    while (n < order.size() && mass < 0.5 - 1e-12) mass += q[order[n++]];
    order.resize(n);
    std::sort(order.begin(), order.end());
    return order;
}

// Flow between layers as if a token's choices in one layer did not depend on the layer before,
// with half of it following the rank instead.
inline Circuit planted_circuit(const Analysis& analysis) {
    Circuit circuit;
    const std::size_t G = analysis.groups.size();
    circuit.tokens.assign(G, 100);
    std::vector<std::vector<std::vector<std::size_t>>> kept;
    for (const LayerAnalysis& layer : analysis.layers) {
        kept.emplace_back();
        std::vector<CircuitNode> nodes(layer.experts);
        CircuitNode other{layer.layer, kOtherNode, NodeKind::other, {}};
        for (std::size_t g = 0; g < G; ++g) {
            kept.back().push_back(kept_half(layer.share.row(g)));
            double rest = 1;
            for (const std::size_t e : kept.back()[g]) {
                nodes[e].groups.push_back({g, layer.share(g, e)});
                rest -= layer.share(g, e);
            }
            if (rest > 0) other.groups.push_back({g, rest});
        }
        for (std::size_t e = 0; e < nodes.size(); ++e) {
            CircuitNode& node = nodes[e];
            if (node.groups.empty()) continue;
            node.layer = layer.layer;
            node.expert = static_cast<int>(e);
            node.kind = node.groups.size() == G   ? NodeKind::shared
                        : node.groups.size() == 1 ? NodeKind::exclusive
                                                  : NodeKind::partial;
            circuit.nodes.push_back(node);
        }
        circuit.nodes.push_back(other);
        double tv = 0, pairs = 0;
        for (std::size_t a = 0; a < G; ++a)
            for (std::size_t b = 0; b < a; ++b, ++pairs)
                for (std::size_t e = 0; e < layer.experts; ++e)
                    tv += std::abs(layer.share(a, e) - layer.share(b, e)) / 2;
        if (pairs > 0) circuit.sharing.push_back({layer.layer, 1 - tv / pairs, 0.96, 0.94});
    }
    for (std::size_t l = 0; l + 1 < analysis.layers.size(); ++l) {
        const LayerAnalysis& here = analysis.layers[l];
        const LayerAnalysis& next = analysis.layers[l + 1];
        for (std::size_t g = 0; g < G; ++g) {
            double rest_out = 1;
            std::vector<double> into(next.experts, 0.0);
            const auto send = [&](int from, double mass, std::size_t rank) {
                double rest = mass;
                for (std::size_t j = 0; j < kept[l + 1][g].size(); ++j) {
                    const std::size_t to = kept[l + 1][g][j];
                    const double share = next.share(g, to);
                    const double bonus = j == rank % kept[l + 1][g].size() ? 0.5 : -0.1;
                    const double flow =
                        std::clamp(mass * share * (1 + bonus), 0.0, share - into[to]);
                    if (flow <= 0) continue;
                    into[to] += flow;
                    rest -= flow;
                    circuit.links.push_back({here.layer, from, static_cast<int>(to), g, flow});
                }
                circuit.links.push_back({here.layer, from, kOtherNode, g, rest});
            };
            for (std::size_t i = 0; i < kept[l][g].size(); ++i) {
                const double mass = here.share(g, kept[l][g][i]);
                rest_out -= mass;
                send(static_cast<int>(kept[l][g][i]), mass, i);
            }
            if (rest_out > 0) send(kOtherNode, rest_out, 99);
        }
    }
    return circuit;
}

inline Analysis planted_analysis(const Planted& plan) {
    std::mt19937 random(plan.seed);
    Analysis analysis;
    analysis.kind = plan.counts ? TraceKind::counts : TraceKind::tokens;
    analysis.model.name = "planted";
    for (const std::string& label : plan.groups)
        analysis.groups.push_back({.label = label, .prompts = 60, .tokens = plan.tokens});
    analysis.census.selected = plan.tokens * plan.groups.size();
    for (std::size_t l = 0; l < plan.layers; ++l)
        analysis.layers.push_back(planted_layer(plan, l, random));
    if (plan.counts)
        analysis.missing["divergence.corrected"] = "imported counts hold no prompts to resample";
    else
        analysis.circuit = planted_circuit(analysis);
    return analysis;
}

}  // namespace alluvium::test
