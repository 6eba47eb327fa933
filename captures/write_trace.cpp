#include <filesystem>

#include "captures/complete_data.h"
#include "captures/storage/disk_file.h"
#include "captures/storage/field_writer.h"
#include "captures/storage/skeleton.h"
#include "captures/storage/unpublished_file.h"
#include "captures/trace_writer.h"

namespace alluvium {
namespace {

TraceLayout layout_of(const TraceData& data, Precision precision) {
    TraceLayout layout{.header = data.header, .tokens = data.tokens, .precision = precision};
    set_flags(layout.header, data);
    complete_columns(layout.header, layout.tokens);
    check_sizes(layout.header, data);
    layout.next_token_nll = layout.header.has_nll;
    for (const auto& [layer, rows] : data.stream_means) layout.mean_layers.push_back(layer);
    return layout;
}

void write_layer(TraceWriter& writer, std::size_t routed, const LayerData& layer) {
    if (!layer.experts.empty()) writer.write_experts(routed, 0, layer.experts.values());
    if (!layer.weights.empty()) writer.write_weights(routed, 0, layer.weights.values());
    if (!layer.logits.empty()) writer.write_logits(routed, 0, layer.logits.values());
    if (!layer.margin.empty()) writer.write_margin(routed, 0, layer.margin);
    for (std::uint32_t draw = 0; draw < layer.random_experts.size(); ++draw) {
        writer.write_random_experts(routed, draw, 0, layer.random_experts[draw].values());
    }
}

void write_tokens(const TraceData& data, const TraceLayout& layout, const std::string& path) {
    TraceWriter writer = TraceWriter::create(path, layout, true);
    for (std::size_t i = 0; i < data.layers.size(); ++i) write_layer(writer, i, data.layers[i]);
    for (const auto& [layer, states] : data.hidden) writer.write_hidden(layer, 0, states.values());
    for (const auto& [layer, means] : data.stream_means) {
        writer.write_stream_means(layer, 0, means.values());
    }
    if (!data.next_token_nll.empty()) writer.write_nll(0, data.next_token_nll);
    const std::vector<std::uint8_t>& done = layout.header.prompts.done;
    for (std::size_t prompt = 0; prompt < done.size(); ++prompt) {
        if (done[prompt] != 0) writer.finish_prompts(prompt, 1);
    }
    writer.sync();
}

void write_counts(const TraceData& data, const TraceLayout& layout, const std::string& path) {
    const schema::Fields fields = write_skeleton(path, layout);
    const DiskFile file(path, DiskFile::Mode::read_write);
    const FieldWriter rows(file);
    for (std::size_t i = 0; i < data.layers.size(); ++i) {
        const LayerCounts& counts = data.layers[i].counts;
        rows.write_bytes(fields.layers[i].count, 0, std::as_bytes(counts.count.values()));
        if (counts.weight_sum.empty()) continue;
        rows.write_bytes(fields.layers[i].weight_sum, 0, std::as_bytes(counts.weight_sum.values()));
    }
    file.sync();
}

}  // namespace

void write_trace(const TraceData& data, const std::string& path, Precision precision) {
    const TraceLayout layout = layout_of(data, precision);
    UnpublishedFile file(path);
    if (layout.header.kind == TraceKind::counts) {
        write_counts(data, layout, file.path());
    } else {
        write_tokens(data, layout, file.path());
    }
    file.publish(true);
}

}  // namespace alluvium
