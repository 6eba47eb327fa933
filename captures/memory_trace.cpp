#include <algorithm>
#include <cassert>
#include <limits>

#include "captures/complete_data.h"
#include "captures/row_checks.h"
#include "captures/stream_means.h"
#include "captures/trace_data.h"

namespace alluvium {
namespace {

constexpr float kMissingValue = std::numeric_limits<float>::quiet_NaN();

template <typename T>
std::vector<T> slice(const std::vector<T>& column, TokenRange range) {
    assert(range.begin <= range.end && range.end <= column.size());
    return {column.begin() + static_cast<std::ptrdiff_t>(range.begin),
            column.begin() + static_cast<std::ptrdiff_t>(range.end)};
}

template <typename T>
Grid<T> slice(const Grid<T>& grid, TokenRange range) {
    assert(range.begin <= range.end && range.end <= grid.rows());
    const auto part = grid.values().subspan(range.begin * grid.cols(), range.size() * grid.cols());
    return Grid<T>(range.size(), grid.cols(), std::vector<T>(part.begin(), part.end()));
}

class MemoryTrace final : public RoutingTrace, public StreamMeans {
  public:
    explicit MemoryTrace(TraceData data)
        : RoutingTrace(std::move(data.header)), data_(std::move(data)) {
        for (const auto& [layer, rows] : data_.stream_means) mean_layers_.push_back(layer);
    }

    TokenTable tokens(TokenRange range) const override {
        const TokenTable& all = data_.tokens;
        return {slice(all.id, range),       slice(all.prompt, range),
                slice(all.position, range), slice(all.byte_begin, range),
                slice(all.byte_end, range), slice(all.phase, range),
                slice(all.special, range)};
    }
    Grid<ExpertId> experts(std::size_t routed, TokenRange range) const override {
        return slice(data_.layers.at(routed).experts, range);
    }
    Grid<float> weights(std::size_t routed, TokenRange range) const override {
        return slice(data_.layers.at(routed).weights, range);
    }
    Grid<float> logits(std::size_t routed, TokenRange range) const override {
        return slice(data_.layers.at(routed).logits, range);
    }
    std::vector<float> margin(std::size_t routed, TokenRange range) const override {
        return slice(data_.layers.at(routed).margin, range);
    }
    Grid<ExpertId> random_experts(std::size_t routed, std::uint32_t draw,
                                  TokenRange range) const override {
        return slice(data_.layers.at(routed).random_experts.at(draw), range);
    }
    Grid<float> hidden(LayerId layer, TokenRange range) const override {
        return slice(data_.hidden.at(layer), range);
    }
    std::vector<float> next_token_nll(TokenRange range) const override {
        return slice(data_.next_token_nll, range);
    }
    LayerCounts counts(std::size_t routed) const override { return data_.layers.at(routed).counts; }
    std::span<const LayerId> mean_layers() const override { return mean_layers_; }
    Grid<float> means(LayerId layer) const override { return data_.stream_means.at(layer); }

  private:
    TraceData data_;
    std::vector<LayerId> mean_layers_;
};

void blank_column(std::vector<float>& column, std::span<const TokenRange> missing, TokenRange all) {
    if (column.empty()) return;
    for_each_missing(missing, all, [&](TokenPos first, TokenPos last) {
        std::fill(column.begin() + static_cast<std::ptrdiff_t>(first),
                  column.begin() + static_cast<std::ptrdiff_t>(last), kMissingValue);
    });
    mark_non_finite(column);
}

void blank_values(Grid<float>& grid, std::span<const TokenRange> missing, TokenRange all) {
    if (grid.empty()) return;
    blank_missing(grid, missing, all, kMissingValue);
    mark_non_finite(grid.values());
}

RowFaults mark_layer(LayerData& layer, const RoutedLayerInfo& info,
                     std::span<const TokenRange> missing, TokenRange all) {
    std::vector<std::uint8_t> bad(all.size(), 0);
    RowFaults faults;
    if (!layer.experts.empty()) {
        blank_missing(layer.experts, missing, all, kMissingExpert);
        faults = mark_impossible_rows(layer.experts, info.experts, bad);
    }
    for (auto& draw : layer.random_experts) {
        blank_missing(draw, missing, all, kMissingExpert);
        mark_impossible_rows(draw, info.experts);
    }
    blank_values(layer.weights, missing, all);
    blank_values(layer.logits, missing, all);
    blank_column(layer.margin, missing, all);
    for (std::size_t row = 0; row < bad.size() && !layer.weights.empty(); ++row) {
        if (bad[row] != 0) std::ranges::fill(layer.weights.row(row), kMissingValue);
    }
    return faults;
}

void mark_missing(TraceData& data) {
    TraceHeader& header = data.header;
    const TokenRange all{0, header.token_count};
    const std::vector<TokenRange> missing = missing_ranges(header.prompts, header.token_count);
    for (std::size_t i = 0; i < data.layers.size(); ++i) {
        const RowFaults faults = mark_layer(data.layers[i], header.layers[i], missing, all);
        if (faults.total() == 0) continue;
        header.warnings.push_back(
            "layer " + std::to_string(header.layers[i].layer) + ": " +
            std::to_string(faults.out_of_range) + " rows with an expert out of range and " +
            std::to_string(faults.duplicate) + " with the same expert twice are taken as missing");
    }
    for (auto& [layer, states] : data.hidden) blank_values(states, missing, all);
    for (auto& [layer, rows] : data.stream_means) mark_missing_prompts(rows, header.prompts);
    blank_column(data.next_token_nll, missing, all);
}

}  // namespace

TracePtr make_trace(TraceData data) {
    complete_columns(data.header, data.tokens);
    check_sizes(data.header, data);
    set_flags(data.header, data);
    if (data.header.kind == TraceKind::tokens) mark_missing(data);
    return std::make_shared<const MemoryTrace>(std::move(data));
}

}  // namespace alluvium
