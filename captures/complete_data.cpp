#include "captures/complete_data.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace alluvium {
namespace {

std::string shape(std::size_t rows, std::size_t cols) {
    std::string text = "[";
    text += std::to_string(rows);
    text += ", ";
    text += std::to_string(cols);
    text += "]";
    return text;
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

}  // namespace

void complete_columns(TraceHeader& header, TokenTable& tokens) {
    std::ranges::sort(header.hidden_layers);
    if (header.kind == TraceKind::counts) {
        complete_column("groups/tokens", header.groups.tokens, header.groups.label.size(),
                        std::uint64_t{0});
        return;
    }
    TokenPos& rows = header.token_count;
    if (rows == 0) rows = tokens.size();
    complete_prompts(header.prompts);
    check_coverage(header.prompts, rows);
    if (tokens.id.size() != rows) {
        disagree("tokens/id", std::to_string(tokens.id.size()), std::to_string(rows));
    }
    complete_places(tokens, header.prompts, rows);
    complete_column("tokens/byte_begin", tokens.byte_begin, rows, 0U);
    complete_column("tokens/byte_end", tokens.byte_end, rows, 0U);
    complete_column("tokens/phase", tokens.phase, rows, kPhasePrompt);
    complete_column("tokens/special", tokens.special, rows, std::uint8_t{0});
}

void check_sizes(const TraceHeader& header, const TraceData& data) {
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
    for (const auto& [layer, means] : data.stream_means) {
        expect_shape("stream_mean/" + std::to_string(layer), means, header.prompts.size(),
                     static_cast<std::size_t>(header.model.hidden_size));
    }
    const auto& nll = data.next_token_nll;
    if (!nll.empty() && nll.size() != header.token_count) {
        disagree("output/next_token_nll", std::to_string(nll.size()),
                 std::to_string(header.token_count));
    }
}

void set_flags(TraceHeader& header, const TraceData& data) {
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

}  // namespace alluvium
