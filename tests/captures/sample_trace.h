#pragma once
// Traces full of reproducible values, for tests that store and read them.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "captures/trace_data.h"

namespace alluvium::test {

struct SampleShape {
    std::vector<std::uint32_t> token_counts{3, 1, 4};
    std::uint32_t experts = 8;
    std::uint32_t top_k = 2;
    std::size_t layers = 2;
    bool everything = false;  // logits, margin, random experts, hidden and nll as well
};

inline Grid<ExpertId> sample_experts(std::mt19937& random, std::size_t rows, std::uint32_t experts,
                                     std::uint32_t top_k) {
    Grid<ExpertId> grid(rows, top_k);
    std::vector<ExpertId> ids(experts);
    std::iota(ids.begin(), ids.end(), ExpertId{0});
    for (std::size_t row = 0; row < rows; ++row) {
        std::shuffle(ids.begin(), ids.end(), random);
        std::copy_n(ids.begin(), top_k, grid.row(row).begin());
    }
    return grid;
}

// Multiples of 1/64 up to 32: exact in half precision, so that f16 and f32 files hold them equally.
inline Grid<float> sample_floats(std::mt19937& random, std::size_t rows, std::size_t cols) {
    std::uniform_int_distribution<int> distribution(-2048, 2048);
    Grid<float> grid(rows, cols);
    for (float& value : grid.values()) value = static_cast<float>(distribution(random)) / 64;
    return grid;
}

inline std::vector<float> sample_column(std::mt19937& random, std::size_t rows) {
    const Grid<float> grid = sample_floats(random, rows, 1);
    return {grid.values().begin(), grid.values().end()};
}

inline TraceHeader sample_header(const SampleShape& shape) {
    const std::vector<std::string> texts{"How are you?", "Où ça fait mal ?", "दर्द कहाँ है?"};
    TraceHeader header;
    header.model.name = "sample";
    header.model.checkpoint_id = "c0ffee";
    header.model.family = "qwen2_moe";
    header.model.layer_count = 12;
    header.model.hidden_size = 5;
    header.model.vocab_size = 7;
    header.model.dtype = "f32";
    header.provenance = {{"command", "made by a test"}, {"seed", "1"}};
    for (std::size_t p = 0; p < shape.token_counts.size(); ++p) {
        header.prompts.id.push_back("p" + std::to_string(p));
        header.prompts.text.push_back(texts[p % texts.size()]);
        header.prompts.language.push_back(p % 2 == 0 ? "en" : "fr");
        header.prompts.group.push_back("g");
        header.prompts.domain.push_back("medical");
        header.prompts.extra["source/kind"].push_back("ünïcode " + std::to_string(p));
        header.prompts.extra["dialect"].push_back("");
    }
    header.prompts.token_count = shape.token_counts;
    for (std::size_t i = 0; i < shape.layers; ++i) {
        header.layers.push_back({.layer = static_cast<LayerId>(3 * i + 1),
                                 .experts = shape.experts,
                                 .top_k = shape.top_k,
                                 .rule = "softmax, top k"});
    }
    return header;
}

inline TraceData sample_trace(const SampleShape& shape, std::uint32_t seed = 1) {
    std::mt19937 random(seed);
    const std::size_t rows =
        std::accumulate(shape.token_counts.begin(), shape.token_counts.end(), std::size_t{0});
    TraceData data;
    data.header = sample_header(shape);
    for (std::size_t row = 0; row < rows; ++row) {
        data.tokens.id.push_back(static_cast<std::uint32_t>(100'000 + row));
        data.tokens.byte_begin.push_back(static_cast<std::uint32_t>(row));
        data.tokens.byte_end.push_back(static_cast<std::uint32_t>(row + 1));
        data.tokens.special.push_back(row == 0 ? 1 : 0);
    }
    for (std::size_t i = 0; i < shape.layers; ++i) {
        LayerData layer;
        layer.experts = sample_experts(random, rows, shape.experts, shape.top_k);
        layer.weights = sample_floats(random, rows, shape.top_k);
        if (shape.everything) {
            layer.logits = sample_floats(random, rows, shape.experts);
            layer.margin = sample_column(random, rows);
            layer.random_experts = {sample_experts(random, rows, shape.experts, shape.top_k),
                                    sample_experts(random, rows, shape.experts, shape.top_k)};
        }
        data.layers.push_back(std::move(layer));
    }
    if (shape.everything) {
        data.hidden[-1] = sample_floats(random, rows, 5);
        data.hidden[4] = sample_floats(random, rows, 5);
        data.next_token_nll = sample_column(random, rows);
        data.stream_means[-1] = sample_floats(random, shape.token_counts.size(), 5);
        data.stream_means[4] = sample_floats(random, shape.token_counts.size(), 5);
    }
    return data;
}

}  // namespace alluvium::test
