#include "captures/storage/skeleton.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/error.h"
#include "base/json.h"
#include "captures/hdf5/file.h"
#include "captures/hdf5/strings.h"
#include "captures/storage/disk_file.h"

namespace alluvium {
namespace {

using hdf5::Handle;
using hdf5::NumberType;

std::string now_utc() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

template <typename T>
std::span<const std::byte> bytes_of(const std::vector<T>& column) {
    return std::as_bytes(std::span(column));
}

void write_root(const Handle& file, const TraceHeader& header) {
    hdf5::write_attribute(file, "format", schema::kFormat);
    hdf5::write_attribute(file, "format_version", schema::kVersion);
    hdf5::write_attribute(
        file, "writer",
        header.writer.empty() ? std::string("alluvium ") + ALLUVIUM_VERSION : header.writer);
    hdf5::write_attribute(file, "created_utc",
                          header.created_utc.empty() ? now_utc() : header.created_utc);
    hdf5::write_attribute(file, "kind",
                          std::string(header.kind == TraceKind::tokens ? "tokens" : "counts"));
}

void write_model(const Handle& file, const ModelInfo& model) {
    const Handle group = hdf5::create_group(file, "model");
    hdf5::write_attribute(group, "name", model.name);
    hdf5::write_attribute(group, "checkpoint_id", model.checkpoint_id);
    hdf5::write_attribute(group, "family", model.family);
    hdf5::write_attribute(group, "layer_count", model.layer_count);
    hdf5::write_attribute(group, "hidden_size", model.hidden_size);
    hdf5::write_attribute(group, "vocab_size", model.vocab_size);
    hdf5::write_attribute(group, "config_json", model.config_json);
    hdf5::write_attribute(group, "router_json", model.router_json);
    hdf5::write_attribute(group, "tokenizer_id", model.tokenizer_id);
    hdf5::write_attribute(group, "dtype", model.dtype);
    hdf5::write_attribute(group, "device", model.device);
    hdf5::write_attribute(group, "engine", model.engine);
    hdf5::write_attribute(group, "lineage", model.lineage);
    if (!model.expert_labels.empty()) {
        hdf5::write_attribute(group, "expert_labels", Json(model.expert_labels).dump());
    }
}

void write_prompts(const Handle& file, const PromptTable& prompts) {
    const std::uint64_t rows = prompts.size();
    hdf5::write_strings(file, "prompts/id", prompts.id);
    hdf5::write_strings(file, "prompts/text", prompts.text);
    hdf5::write_strings(file, "prompts/language", prompts.language);
    hdf5::write_strings(file, "prompts/group", prompts.group);
    hdf5::write_strings(file, "prompts/domain", prompts.domain);
    for (const auto& [name, column] : prompts.extra) {
        hdf5::write_strings(file, "prompts/extra/" + schema::encode_column(name), column);
    }
    hdf5::write_numbers(file, "prompts/first_token", NumberType::u64, {rows},
                        bytes_of(prompts.first_token));
    hdf5::write_numbers(file, "prompts/token_count", NumberType::u32, {rows},
                        bytes_of(prompts.token_count));
    hdf5::write_numbers(file, "prompts/truncated", NumberType::u8, {rows},
                        bytes_of(prompts.truncated));
    hdf5::write_numbers(file, "prompts/done", NumberType::u8, {rows},
                        bytes_of(std::vector<std::uint8_t>(rows, 0)));
}

void write_tokens(const Handle& file, const TokenTable& tokens) {
    const hdf5::Shape rows{tokens.size()};
    const auto write = [&](const char* path, const std::vector<std::uint32_t>& column) {
        hdf5::write_numbers(file, path, NumberType::u32, rows, bytes_of(column));
    };
    write("tokens/id", tokens.id);
    write("tokens/prompt", tokens.prompt);
    write("tokens/position", tokens.position);
    write("tokens/byte_begin", tokens.byte_begin);
    write("tokens/byte_end", tokens.byte_end);
    hdf5::write_numbers(file, "tokens/phase", NumberType::u8, rows, bytes_of(tokens.phase));
    hdf5::write_numbers(file, "tokens/special", NumberType::u8, rows, bytes_of(tokens.special));
}

void write_groups(const Handle& file, const CountGroups& groups) {
    hdf5::write_strings(file, "groups/label", groups.label);
    hdf5::write_numbers(file, "groups/tokens", NumberType::u64, {groups.tokens.size()},
                        bytes_of(groups.tokens));
}

void write_layer_attributes(const Handle& file, const RoutedLayerInfo& info) {
    const Handle group = hdf5::create_group(file, schema::layer_group(info.layer));
    hdf5::write_attribute(group, "layer", std::int64_t{info.layer});
    hdf5::write_attribute(group, "experts", std::int64_t{info.experts});
    hdf5::write_attribute(group, "top_k", std::int64_t{info.top_k});
    hdf5::write_attribute(group, "shared_experts", std::int64_t{info.shared_experts});
    hdf5::write_attribute(group, "rule", info.rule);
}

void write_provenance(const Handle& file, const std::map<std::string, std::string>& entries) {
    const Handle group = hdf5::create_group(file, "provenance");
    for (const auto& [name, value] : entries) hdf5::write_attribute(group, name, value);
}

void write_known(const Handle& file, const TraceLayout& layout) {
    write_root(file, layout.header);
    write_model(file, layout.header.model);
    write_provenance(file, layout.header.provenance);
    for (const RoutedLayerInfo& info : layout.header.layers) write_layer_attributes(file, info);
    if (layout.header.kind == TraceKind::counts) {
        write_groups(file, layout.header.groups);
    } else {
        write_prompts(file, layout.header.prompts);
        write_tokens(file, layout.tokens);
    }
}

std::uint64_t planned_bytes(schema::Fields& fields) {
    std::uint64_t total = 0;
    for (const schema::Field* field : fields.recorded()) total += field->bytes();
    return total;
}

void write_with_library(const std::string& path, const TraceLayout& layout,
                        schema::Fields& fields) {
    const hdf5::LibraryLock lock;
    const Handle file = hdf5::create_file(path);
    write_known(file, layout);
    for (const schema::Field* field : fields.recorded()) {
        if (hdf5::exists(file, field->path)) continue;
        if (field->text) {
            hdf5::create_fixed_strings(file, field->path, field->shape[0], field->shape[1]);
        } else {
            hdf5::write_numbers(file, field->path, field->type, field->shape, {});
        }
    }
    hdf5::check(H5Fflush(file.get(), H5F_SCOPE_LOCAL), "cannot write");
}

std::string describe(NumberType type, const hdf5::Shape& shape) {
    std::string text = std::to_string(8 * hdf5::byte_size(type)) + "-bit " +
                       (hdf5::is_floating(type) ? "floats [" : "integers [");
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + "]";
}

void place_text(const Handle& file, const std::string& path, schema::Field& field) {
    const auto found = hdf5::describe_fixed_strings(file, field.path);
    if (!found || found->rows != field.shape[0] || found->width != field.shape[1] ||
        !found->offset) {
        throw UserError("'" + path + "': '" + field.path + "' is not as `capture` writes it",
                        "resume with the options and prompts the capture was started with");
    }
    field.offset = *found->offset;
}

void place_field(const Handle& file, const std::string& path, schema::Field& field) {
    if (!hdf5::exists(file, field.path)) {
        throw UserError("'" + path + "' does not record '" + field.path + "'",
                        "resume with the options the capture was started with");
    }
    if (field.text) return place_text(file, path, field);
    const hdf5::NumberArray found = hdf5::describe_numbers(file, field.path);
    if (found.type != field.type || found.shape != field.shape) {
        throw UserError("'" + path + "': '" + field.path + "' holds " +
                            describe(found.type, found.shape) + ", expected " +
                            describe(field.type, field.shape),
                        "resume with the options and prompts the capture was started with");
    }
    if (field.elements() == 0) return;
    if (!found.offset) {
        throw UserError("'" + path + "': '" + field.path + "' is stored compressed",
                        "only a file that `capture` wrote can be resumed");
    }
    field.offset = *found.offset;
}

}  // namespace

schema::Fields write_skeleton(const std::string& path, const TraceLayout& layout) {
    schema::Fields fields = schema::plan_fields(layout);
    expect_space(path, planned_bytes(fields));
    try {
        write_with_library(path, layout, fields);
    } catch (const hdf5::Error& error) {
        throw RunError("cannot write '" + path + "': " + error.what());
    }
    const DiskFile file(path, DiskFile::Mode::read_write);
    file.reserve(file.size());
    file.sync();
    return find_fields(path, layout);
}

schema::Fields find_fields(const std::string& path, const TraceLayout& layout) {
    schema::Fields fields = schema::plan_fields(layout);
    try {
        const hdf5::LibraryLock lock;
        const Handle file = hdf5::open_file(path);
        for (schema::Field* field : fields.recorded()) place_field(file, path, *field);
    } catch (const hdf5::Error& error) {
        throw UserError("cannot read '" + path + "': " + error.what());
    }
    return fields;
}

}  // namespace alluvium
