#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "captures/row_checks.h"
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

class MemoryTrace final : public RoutingTrace {
  public:
    explicit MemoryTrace(TraceData data)
        : RoutingTrace(std::move(data.header)), data_(std::move(data)) {}

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

  private:
    TraceData data_;
};

std::string shape(std::size_t rows, std::size_t cols) {
    return std::string("[") + std::to_string(rows) + ", " + std::to_string(cols) + "]";
}

[[noreturn]] void disagree(const std::string& field, const std::string& found,
                           const std::string& expected) {
    throw UserError("trace field " + field + " has size " + found + ", expected " + expected);
}

template <typename T>
void expect_shape(const std::string& field, const Grid<T>& grid, std::size_t rows,
                  std::size_t cols) {
    if (grid.empty() && rows * cols != 0) return;
    if (!grid.empty() && (grid.rows() != rows || grid.cols() != cols)) {
        disagree(field, shape(grid.rows(), grid.cols()), shape(rows, cols));
    }
}

// A column that may be left out is filled with `value`; any other length is an error.
template <typename T>
void complete_column(const std::string& field, std::vector<T>& column, std::size_t rows, T value) {
    if (column.empty()) column.assign(rows, std::move(value));
    if (column.size() != rows) {
        disagree(field, std::to_string(column.size()), std::to_string(rows));
    }
}

std::size_t prompt_rows(const PromptTable& prompts) {
    return std::max({prompts.id.size(), prompts.text.size(), prompts.language.size(),
                     prompts.token_count.size()});
}

void complete_prompts(PromptTable& prompts) {
    const std::size_t rows = prompt_rows(prompts);
    if (prompts.id.empty()) {
        for (std::size_t p = 0; p < rows; ++p) prompts.id.push_back(std::to_string(p));
    }
    complete_column("prompts/id", prompts.id, rows, std::string());
    complete_column("prompts/text", prompts.text, rows, std::string());
    complete_column("prompts/language", prompts.language, rows, std::string());
    complete_column("prompts/group", prompts.group, rows, std::string());
    complete_column("prompts/domain", prompts.domain, rows, std::string());
    for (auto& [name, column] : prompts.extra) {
        complete_column("prompts/extra/" + name, column, rows, std::string());
    }
    complete_column("prompts/token_count", prompts.token_count, rows, 0U);
    if (prompts.first_token.empty()) {
        prompts.first_token.resize(rows);
        std::exclusive_scan(prompts.token_count.begin(), prompts.token_count.end(),
                            prompts.first_token.begin(), TokenPos{0});
    }
    complete_column("prompts/first_token", prompts.first_token, rows, TokenPos{0});
    complete_column("prompts/truncated", prompts.truncated, rows, std::uint8_t{0});
    complete_column("prompts/done", prompts.done, rows, std::uint8_t{1});
}

void check_coverage(const PromptTable& prompts, TokenPos token_count) {
    TokenPos covered = 0;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        if (prompts.first_token[p] + prompts.token_count[p] > token_count) {
            throw UserError("prompt '" + prompts.id[p] + "' ends after the last of " +
                            std::to_string(token_count) + " tokens");
        }
        covered += prompts.token_count[p];
    }
    if (covered != token_count) {
        disagree("prompts/token_count (sum)", std::to_string(covered), std::to_string(token_count));
    }
}

// Which prompt a token belongs to and where in it, from the prompts' own ranges.
void complete_places(TokenTable& tokens, const PromptTable& prompts, TokenPos rows) {
    const bool prompt_given = !tokens.prompt.empty();
    const bool position_given = !tokens.position.empty();
    complete_column("tokens/prompt", tokens.prompt, rows, 0U);
    complete_column("tokens/position", tokens.position, rows, 0U);
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        for (std::uint32_t i = 0; i < prompts.token_count[p]; ++i) {
            const TokenPos row = prompts.first_token[p] + i;
            if (!prompt_given) tokens.prompt[row] = static_cast<std::uint32_t>(p);
            if (!position_given) tokens.position[row] = i;
        }
    }
}

void complete_tokens(TraceData& data) {
    TokenTable& tokens = data.tokens;
    TokenPos& rows = data.header.token_count;
    if (rows == 0) rows = tokens.size();
    complete_prompts(data.header.prompts);
    check_coverage(data.header.prompts, rows);
    if (tokens.id.size() != rows) {
        disagree("tokens/id", std::to_string(tokens.id.size()), std::to_string(rows));
    }
    complete_places(tokens, data.header.prompts, rows);
    complete_column("tokens/byte_begin", tokens.byte_begin, rows, 0U);
    complete_column("tokens/byte_end", tokens.byte_end, rows, 0U);
    complete_column("tokens/phase", tokens.phase, rows, kPhasePrompt);
    complete_column("tokens/special", tokens.special, rows, std::uint8_t{0});
}

void check_layer(const RoutedLayerInfo& info, const LayerData& layer, const TraceHeader& header) {
    const std::string name = "layers/" + std::to_string(info.layer) + "/";
    const TokenPos rows = header.token_count;
    const std::size_t groups = header.groups.label.size();
    if (header.kind == TraceKind::counts) {
        expect_shape(name + "count", layer.counts.count, groups, info.experts);
        expect_shape(name + "weight_sum", layer.counts.weight_sum, groups, info.experts);
        if (layer.counts.count.empty()) disagree(name + "count", "0", shape(groups, info.experts));
        return;
    }
    expect_shape(name + "expert", layer.experts, rows, info.top_k);
    expect_shape(name + "weight", layer.weights, rows, info.top_k);
    expect_shape(name + "logit", layer.logits, rows, info.experts);
    for (const auto& draw : layer.random_experts) {
        expect_shape(name + "random_expert", draw, rows, info.top_k);
    }
    if (!layer.margin.empty() && layer.margin.size() != rows) {
        disagree(name + "margin", std::to_string(layer.margin.size()), std::to_string(rows));
    }
}

void check_rest(const TraceData& data) {
    const TraceHeader& header = data.header;
    if (data.layers.size() != header.layers.size()) {
        disagree("layers", std::to_string(data.layers.size()),
                 std::to_string(header.layers.size()));
    }
    for (std::size_t i = 0; i < data.layers.size(); ++i) {
        check_layer(header.layers[i], data.layers[i], header);
    }
    for (const auto& [layer, states] : data.hidden) {
        expect_shape("hidden/" + std::to_string(layer), states, header.token_count,
                     static_cast<std::size_t>(header.model.hidden_size));
    }
    const auto& nll = data.next_token_nll;
    if (!nll.empty() && nll.size() != header.token_count) {
        disagree("output/next_token_nll", std::to_string(nll.size()),
                 std::to_string(header.token_count));
    }
}

void set_flags(TraceData& data) {
    TraceHeader& header = data.header;
    for (std::size_t i = 0; i < data.layers.size(); ++i) {
        RoutedLayerInfo& info = header.layers[i];
        const LayerData& layer = data.layers[i];
        info.has_experts = !layer.experts.empty();
        info.has_weights = !layer.weights.empty() || !layer.counts.weight_sum.empty();
        info.has_logits = !layer.logits.empty();
        info.has_margin = !layer.margin.empty();
        info.random_routers = static_cast<std::uint32_t>(layer.random_experts.size());
    }
    header.hidden_layers.clear();
    for (const auto& [layer, states] : data.hidden) header.hidden_layers.push_back(layer);
    header.has_output_logits = false;
    header.has_nll = !data.next_token_nll.empty();
}

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
    blank_column(data.next_token_nll, missing, all);
}

}  // namespace

TracePtr make_trace(TraceData data) {
    if (data.header.kind == TraceKind::tokens) {
        complete_tokens(data);
    } else {
        complete_column("groups/tokens", data.header.groups.tokens, data.header.groups.label.size(),
                        std::uint64_t{0});
    }
    check_rest(data);
    set_flags(data);
    if (data.header.kind == TraceKind::tokens) mark_missing(data);
    return std::make_shared<const MemoryTrace>(std::move(data));
}

}  // namespace alluvium
