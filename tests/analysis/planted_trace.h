#pragma once
// Traces whose truth is known: how strongly the language decides the expert, layer by layer.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "captures/trace_data.h"

namespace alluvium::test {

struct PlantedTrace {
    std::size_t languages = 4;
    std::size_t groups = 16;  // translation groups, one prompt per language each
    std::size_t tokens = 20;  // per prompt
    std::size_t layers = 9;
    std::uint32_t experts = 8;
    std::uint32_t top_k = 2;
    bool translations = true;  // false: no prompt belongs to a group
    // Share of tokens whose best expert follows from their language; depth runs from 0 to 1.
    std::function<double(double depth)> pull = [](double) { return 0.0; };
    // Share of tokens whose best expert follows from what the prompt is about: the same for all
    // languages, so it is no language routing, but it ties the tokens of a prompt together.
    double topic = 0.2;
    std::uint64_t seed = 1;
};

namespace planted {

// Reproducible on every standard library, unlike the distributions of <random>.
inline double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

inline std::size_t below(std::mt19937_64& random, std::size_t n) {
    return static_cast<std::size_t>(uniform(random) * static_cast<double>(n));
}

inline PromptTable prompts(const PlantedTrace& plan) {
    PromptTable table;
    for (std::size_t g = 0; g < plan.groups; ++g) {
        for (std::size_t lang = 0; lang < plan.languages; ++lang) {
            table.first_token.push_back(table.size() * plan.tokens);
            table.id.push_back("p" + std::to_string(table.size()));
            table.text.emplace_back();
            table.language.push_back("l" + std::to_string(lang));
            table.group.push_back(plan.translations ? "g" + std::to_string(g) : "");
            table.domain.emplace_back();
            table.token_count.push_back(static_cast<std::uint32_t>(plan.tokens));
            table.truncated.push_back(0);
            table.done.push_back(1);
        }
    }
    return table;
}

inline TokenTable tokens(const PlantedTrace& plan) {
    const std::size_t count = plan.groups * plan.languages * plan.tokens;
    TokenTable table;
    table.id.assign(count, 0);
    table.byte_begin = table.byte_end = table.id;
    table.phase.assign(count, kPhasePrompt);
    table.special.assign(count, 0);
    for (std::size_t t = 0; t < count; ++t) {
        table.prompt.push_back(static_cast<std::uint32_t>(t / plan.tokens));
        table.position.push_back(static_cast<std::uint32_t>(t % plan.tokens));
    }
    return table;
}

inline LayerData layer(const PlantedTrace& plan, double pull, std::mt19937_64& random) {
    const std::size_t count = plan.groups * plan.languages * plan.tokens;
    LayerData data;
    data.experts = Grid<ExpertId>(count, plan.top_k);
    data.weights = Grid<float>(count, plan.top_k);
    std::vector<ExpertId> order(plan.experts);
    std::iota(order.begin(), order.end(), ExpertId{0});
    std::vector<std::size_t> topics(plan.groups * plan.languages);
    for (std::size_t& topic : topics) topic = below(random, plan.experts);
    for (std::size_t t = 0; t < count; ++t) {
        const std::size_t prompt = t / plan.tokens;
        const std::size_t language = prompt % plan.languages;
        const std::size_t about = plan.translations ? prompt / plan.languages : prompt;
        for (std::size_t r = 0; r < plan.top_k; ++r) {
            std::swap(order[r], order[r + below(random, plan.experts - r)]);
        }
        const double draw = uniform(random);
        std::size_t best = order[0];
        if (draw < pull) {
            best = language % plan.experts;
        } else if (draw < pull + (1 - pull) * plan.topic) {
            best = topics[about];
        }
        const auto at = std::find(order.begin(), order.end(), static_cast<ExpertId>(best));
        std::swap(order[0], *at);
        for (std::size_t r = 0; r < plan.top_k; ++r) {
            data.experts(t, r) = order[r];
            data.weights(t, r) = static_cast<float>(plan.top_k - r);
        }
    }
    return data;
}

}  // namespace planted

inline TraceData planted_data(const PlantedTrace& plan) {
    std::mt19937_64 random(plan.seed);
    TraceData data;
    data.header.prompts = planted::prompts(plan);
    data.tokens = planted::tokens(plan);
    data.header.token_count = data.tokens.size();
    for (std::size_t l = 0; l < plan.layers; ++l) {
        RoutedLayerInfo info;
        info.layer = static_cast<LayerId>(l);
        info.experts = plan.experts;
        info.top_k = plan.top_k;
        data.header.layers.push_back(info);
        const double last = static_cast<double>(std::max<std::size_t>(plan.layers - 1, 1));
        data.layers.push_back(
            planted::layer(plan, plan.pull(static_cast<double>(l) / last), random));
    }
    return data;
}

inline TracePtr planted_trace(const PlantedTrace& plan) {
    return make_trace(planted_data(plan));
}

}  // namespace alluvium::test
