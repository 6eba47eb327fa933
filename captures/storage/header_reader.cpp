#include "captures/storage/header_reader.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "captures/hdf5/file.h"
#include "captures/hdf5/strings.h"
#include "captures/storage/columns.h"
#include "captures/storage/schema.h"

namespace alluvium {
namespace {

using hdf5::Handle;
using hdf5::NumberArray;

std::string text_attribute(const Handle& object, const char* name) {
    const std::vector<std::string> values = hdf5::read_string_attribute(object, name);
    return values.empty() ? std::string() : values.front();
}

// Which format the file is in, refused by name where it is none of ours.
std::uint32_t read_version(const Handle& file, const std::string& path) {
    if (text_attribute(file, "format") != schema::kFormat) {
        throw UserError("'" + path + "' is an HDF5 file but no alluvium trace (attribute 'format')",
                        "traces of other tools are read by `alluvium import`");
    }
    const auto version = hdf5::read_integer_attribute(file, "format_version");
    if (!version || *version < 1) {
        throw UserError("'" + path + "' has no valid attribute 'format_version'",
                        "write the version of the trace format there, an integer from 1");
    }
    if (*version > schema::kVersion) {
        throw UserError("'" + path + "' is a trace of format version " + std::to_string(*version) +
                            "; this is alluvium " ALLUVIUM_VERSION ", which reads up to version " +
                            std::to_string(schema::kVersion),
                        "install a newer alluvium");
    }
    return static_cast<std::uint32_t>(*version);
}

TraceKind read_kind(const Handle& file, const std::string& path) {
    const std::string kind = text_attribute(file, "kind");
    if (kind == "counts") return TraceKind::counts;
    if (kind == "tokens" || kind.empty()) return TraceKind::tokens;
    throw UserError("'" + path + "' has kind '" + kind + "', expected 'tokens' or 'counts'");
}

std::vector<std::string> read_labels(const Handle& model) {
    const std::string text = text_attribute(model, "expert_labels");
    const Json labels = Json::parse(text, nullptr, false);
    std::vector<std::string> result;
    if (!labels.is_array()) return result;
    for (const Json& label : labels) {
        result.push_back(label.is_string() ? label.get<std::string>() : label.dump());
    }
    return result;
}

ModelInfo read_model(const Handle& file) {
    ModelInfo model;
    if (!hdf5::exists(file, "model")) return model;
    const Handle group = hdf5::open_group(file, "model");
    const auto number = [&](const char* name) {
        return hdf5::read_integer_attribute(group, name).value_or(0);
    };
    model.name = text_attribute(group, "name");
    model.checkpoint_id = text_attribute(group, "checkpoint_id");
    model.family = text_attribute(group, "family");
    model.layer_count = number("layer_count");
    model.hidden_size = number("hidden_size");
    model.vocab_size = number("vocab_size");
    model.config_json = text_attribute(group, "config_json");
    model.router_json = text_attribute(group, "router_json");
    model.tokenizer_id = text_attribute(group, "tokenizer_id");
    model.dtype = text_attribute(group, "dtype");
    model.device = text_attribute(group, "device");
    model.engine = text_attribute(group, "engine");
    model.lineage = text_attribute(group, "lineage");
    model.expert_labels = read_labels(group);
    return model;
}

std::map<std::string, std::string> read_provenance(const Handle& file) {
    std::map<std::string, std::string> entries;
    if (!hdf5::exists(file, "provenance")) return entries;
    const Handle group = hdf5::open_group(file, "provenance");
    for (const std::string& name : hdf5::attribute_names(group)) {
        const auto number = hdf5::read_integer_attribute(group, name);
        entries[name] = number ? std::to_string(*number) : text_attribute(group, name.c_str());
    }
    return entries;
}

// What an importer had to say about its source, one line each.
std::vector<std::string> imported_warnings(const std::map<std::string, std::string>& provenance) {
    std::vector<std::string> warnings;
    const auto found = provenance.find("warnings");
    if (found == provenance.end()) return warnings;
    std::istringstream lines(found->second);
    for (std::string line; std::getline(lines, line);) warnings.push_back(line);
    return warnings;
}

OptionalArray find_array(const Handle& file, const std::string& path) {
    if (!hdf5::exists(file, path)) return std::nullopt;
    return hdf5::describe_numbers(file, path);
}

TokenArrays find_tokens(const Handle& file) {
    return {find_array(file, "tokens/id"),       find_array(file, "tokens/prompt"),
            find_array(file, "tokens/position"), find_array(file, "tokens/byte_begin"),
            find_array(file, "tokens/byte_end"), find_array(file, "tokens/phase"),
            find_array(file, "tokens/special")};
}

LayerArrays find_layer(const Handle& file, const std::string& group) {
    return {find_array(file, group + "/expert"),        find_array(file, group + "/weight"),
            find_array(file, group + "/logit"),         find_array(file, group + "/margin"),
            find_array(file, group + "/random_expert"), find_array(file, group + "/count"),
            find_array(file, group + "/weight_sum")};
}

// The width of a [rows, width] array, where there is one.
std::uint32_t width(const OptionalArray& array) {
    return array && !array->shape.empty() ? static_cast<std::uint32_t>(array->shape.back()) : 0;
}

RoutedLayerInfo describe_layer(const Handle& group, LayerId layer, const LayerArrays& arrays) {
    const auto number = [&](const char* name, std::uint32_t otherwise) {
        const auto value = hdf5::read_integer_attribute(group, name);
        return value && *value >= 0 ? static_cast<std::uint32_t>(*value) : otherwise;
    };
    const std::uint32_t by_shape = std::max(width(arrays.logit), width(arrays.count));
    return {.layer = layer,
            .experts = number("experts", by_shape),
            .top_k = number("top_k", std::max(width(arrays.expert), width(arrays.weight))),
            .shared_experts = number("shared_experts", 0),
            .rule = text_attribute(group, "rule"),
            .has_experts = arrays.expert.has_value(),
            .has_weights = arrays.weight.has_value() || arrays.weight_sum.has_value(),
            .has_logits = arrays.logit.has_value(),
            .has_margin = arrays.margin.has_value(),
            .random_routers = arrays.random_expert && arrays.random_expert->shape.size() == 3
                                  ? static_cast<std::uint32_t>(arrays.random_expert->shape[0])
                                  : 0};
}

void read_layers(const Handle& file, const std::string& path, FileContents& contents) {
    if (!hdf5::exists(file, "layers")) return;
    std::map<LayerId, std::string> groups;
    for (const std::string& name : hdf5::children(hdf5::open_group(file, "layers"))) {
        const auto layer = schema::parse_layer(name);
        if (!layer) throw UserError("'" + path + "': 'layers/" + name + "' is no layer number");
        groups[*layer] = "layers/" + name;
    }
    for (const auto& [layer, name] : groups) {
        const Handle group = hdf5::open_group(file, name);
        const auto said = hdf5::read_integer_attribute(group, "layer");
        if (said && *said != layer) {
            throw UserError("'" + path + "': '" + name + "' says that it is layer " +
                            std::to_string(*said));
        }
        contents.layers.push_back(find_layer(file, name));
        contents.header.layers.push_back(describe_layer(group, layer, contents.layers.back()));
    }
}

// The arrays of `group` by the layer that names them.
std::map<LayerId, NumberArray> find_streams(const Handle& file, const std::string& group) {
    std::map<LayerId, NumberArray> found;
    if (!hdf5::exists(file, group)) return found;
    for (const std::string& name : hdf5::children(hdf5::open_group(file, group))) {
        const auto layer = schema::parse_layer(name);
        if (layer) found[*layer] = hdf5::describe_numbers(file, group + "/" + name);
    }
    return found;
}

void read_optional_fields(const Handle& file, FileContents& contents) {
    contents.hidden = find_streams(file, "hidden");
    contents.stream_means = find_streams(file, "stream_mean");
    for (const auto& [layer, array] : contents.hidden) {
        contents.header.hidden_layers.push_back(layer);
    }
    contents.output_logit = find_array(file, "output/logit");
    contents.nll = find_array(file, "output/next_token_nll");
    contents.header.has_output_logits = contents.output_logit.has_value();
    contents.header.has_nll = contents.nll.has_value();
}

void read_groups(const Handle& file, CountGroups& groups) {
    groups.label = hdf5::read_strings(file, "groups/label");
    groups.tokens = read_column<std::uint64_t>(file, "groups/tokens")
                        .value_or(std::vector<std::uint64_t>(groups.label.size(), 0));
}

}  // namespace

std::vector<const NumberArray*> FileContents::arrays() const {
    std::vector<const NumberArray*> all;
    const auto add = [&](const OptionalArray& array) {
        if (array) all.push_back(&*array);
    };
    for (const OptionalArray* array :
         {&tokens.id, &tokens.prompt, &tokens.position, &tokens.byte_begin, &tokens.byte_end,
          &tokens.phase, &tokens.special, &output_logit, &nll}) {
        add(*array);
    }
    for (const LayerArrays& layer : layers) {
        for (const OptionalArray* array :
             {&layer.expert, &layer.weight, &layer.logit, &layer.margin, &layer.random_expert,
              &layer.count, &layer.weight_sum}) {
            add(*array);
        }
    }
    for (const auto& [layer, array] : hidden) all.push_back(&array);
    for (const auto& [layer, array] : stream_means) all.push_back(&array);
    return all;
}

FileContents read_contents(const Handle& file, const std::string& path) {
    FileContents contents;
    TraceHeader& header = contents.header;
    header.path = path;
    header.format_version = read_version(file, path);
    header.kind = read_kind(file, path);
    header.writer = text_attribute(file, "writer");
    header.created_utc = text_attribute(file, "created_utc");
    header.model = read_model(file);
    header.provenance = read_provenance(file);
    header.warnings = imported_warnings(header.provenance);
    read_layers(file, path, contents);
    read_optional_fields(file, contents);
    if (header.kind == TraceKind::counts) {
        read_groups(file, header.groups);
    } else {
        contents.tokens = find_tokens(file);
        header.prompts = read_prompts(file, path);
    }
    return contents;
}

}  // namespace alluvium
