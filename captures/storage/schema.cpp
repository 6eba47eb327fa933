#include "captures/storage/schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <numeric>

#include "captures/generated_text.h"

namespace alluvium::schema {
namespace {

using hdf5::NumberType;
using hdf5::Shape;

std::string three_digits(LayerId layer) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%03d", layer);
    return text.data();
}

// The stream after a layer, or before the first.
std::string stream_name(LayerId layer) {
    return layer < 0 ? std::string("embedding") : three_digits(layer);
}

LayerFields plan_counts(const std::string& group, const RoutedLayerInfo& info,
                        const TraceHeader& header) {
    const Shape shape{header.groups.label.size(), info.experts};
    LayerFields fields;
    fields.count = {group + "/count", NumberType::u64, shape};
    if (info.has_weights) fields.weight_sum = {group + "/weight_sum", NumberType::f64, shape};
    return fields;
}

LayerFields plan_layer(const RoutedLayerInfo& info, const TraceLayout& layout) {
    const std::string group = layer_group(info.layer);
    if (layout.header.kind == TraceKind::counts) return plan_counts(group, info, layout.header);
    const std::uint64_t rows = layout.header.token_count;
    const NumberType expert = expert_type(info.experts);
    const NumberType real = float_type(layout.precision);
    LayerFields fields;
    if (info.has_experts) fields.expert = {group + "/expert", expert, {rows, info.top_k}};
    if (info.has_weights) fields.weight = {group + "/weight", real, {rows, info.top_k}};
    if (info.has_logits) fields.logit = {group + "/logit", real, {rows, info.experts}};
    if (info.has_margin) fields.margin = {group + "/margin", NumberType::f32, {rows}};
    if (info.random_routers > 0) {
        fields.random_expert = {
            group + "/random_expert", expert, {info.random_routers, rows, info.top_k}};
    }
    return fields;
}

// Rows reserved for generation behind one prompt, the most of any.
std::uint64_t most_reserved(const TraceLayout& layout) {
    const PromptTable& prompts = layout.header.prompts;
    const std::vector<std::uint8_t>& phase = layout.tokens.phase;
    std::uint64_t most = 0;
    for (std::size_t p = 0; !phase.empty() && p < prompts.size(); ++p) {
        const auto first = phase.begin() + static_cast<std::ptrdiff_t>(prompts.first_token[p]);
        most = std::max(most, static_cast<std::uint64_t>(
                                  std::count(first, first + prompts.token_count[p], kPhaseUnused)));
    }
    return most;
}

}  // namespace

std::string layer_group(LayerId layer) {
    return "layers/" + three_digits(layer);
}

std::string hidden_path(LayerId layer) {
    return "hidden/" + stream_name(layer);
}

std::string stream_mean_path(LayerId layer) {
    return "stream_mean/" + stream_name(layer);
}

std::optional<LayerId> parse_layer(const std::string& name) {
    if (name == "embedding") return -1;
    LayerId layer = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
    if (error != std::errc() || end != name.data() + name.size() || layer < 0) return std::nullopt;
    return layer;
}

std::string encode_column(const std::string& name) {
    std::string link;
    for (const char c : name) {
        if (c == '/' || c == '%' || (c == '.' && link.empty())) {
            std::array<char, 4> escape{};
            std::snprintf(escape.data(), escape.size(), "%%%02X", static_cast<unsigned>(c));
            link += escape.data();
        } else {
            link += c;
        }
    }
    return link;
}

std::string decode_column(const std::string& link) {
    std::string name;
    for (std::size_t i = 0; i < link.size(); ++i) {
        unsigned code = 0;
        const char* digits = link.data() + i + 1;
        const bool escape = link[i] == '%' && i + 2 < link.size() &&
                            std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
        name += escape ? static_cast<char>(code) : link[i];
        if (escape) i += 2;
    }
    return name;
}

NumberType expert_type(std::uint32_t experts) {
    return experts <= 255 ? NumberType::u8 : NumberType::u16;
}

NumberType float_type(Precision precision) {
    return precision == Precision::f16 ? NumberType::f16 : NumberType::f32;
}

std::uint64_t Field::elements() const {
    return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

std::vector<Field*> Fields::recorded() {
    std::vector<Field*> all{&done,       &token_id, &phase,        &generated,
                            &byte_begin, &byte_end, &output_logit, &nll};
    for (LayerFields& layer : layers) {
        all.insert(all.end(), {&layer.expert, &layer.weight, &layer.logit, &layer.margin,
                               &layer.random_expert, &layer.count, &layer.weight_sum});
    }
    for (auto& [layer, field] : hidden) all.push_back(&field);
    for (auto& [layer, field] : stream_means) all.push_back(&field);
    std::erase_if(all, [](const Field* field) { return field->path.empty(); });
    std::ranges::sort(all, {}, &Field::path);
    return all;
}

Fields plan_fields(const TraceLayout& layout) {
    const TraceHeader& header = layout.header;
    const std::uint64_t rows = header.token_count;
    Fields fields;
    for (const RoutedLayerInfo& info : header.layers) {
        fields.layers.push_back(plan_layer(info, layout));
    }
    if (header.kind == TraceKind::counts) return fields;
    fields.done = {"prompts/done", NumberType::u8, {header.prompts.size()}};
    fields.token_id = {"tokens/id", NumberType::u32, {rows}};
    fields.phase = {"tokens/phase", NumberType::u8, {rows}};
    if (const std::uint64_t reserved = most_reserved(layout); reserved > 0) {
        fields.generated = {.path = "prompts/generated",
                            .type = NumberType::u8,
                            .shape = {header.prompts.size(), reserved * kBytesOfGeneratedToken},
                            .text = true};
        fields.byte_begin = {"tokens/byte_begin", NumberType::u32, {rows}};
        fields.byte_end = {"tokens/byte_end", NumberType::u32, {rows}};
    }
    const NumberType real = float_type(layout.precision);
    const auto hidden_size = static_cast<std::uint64_t>(header.model.hidden_size);
    for (const LayerId layer : header.hidden_layers) {
        fields.hidden[layer] = {hidden_path(layer), real, {rows, hidden_size}};
    }
    for (const LayerId layer : layout.mean_layers) {
        fields.stream_means[layer] = {
            stream_mean_path(layer), real, {header.prompts.size(), hidden_size}};
    }
    if (layout.output_logits) {
        const auto width = static_cast<std::uint64_t>(header.model.vocab_size);
        fields.output_logit = {"output/logit", real, {rows, width}};
    }
    if (layout.next_token_nll) {
        fields.nll = {"output/next_token_nll", NumberType::f32, {rows}};
    }
    return fields;
}

}  // namespace alluvium::schema
