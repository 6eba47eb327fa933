#include "captures/import/counts_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "captures/import/model_config.h"

namespace alluvium {
namespace {

struct ExpertCount {
    std::uint64_t selections = 0;
    std::optional<double> gate_sum;
};

struct FileLayer {
    std::map<std::uint32_t, ExpertCount> experts;
    std::uint64_t tokens = 0;

    std::uint64_t selections() const {
        return std::accumulate(
            experts.begin(), experts.end(), std::uint64_t{0},
            [](std::uint64_t sum, const auto& entry) { return sum + entry.second.selections; });
    }
};

struct CountFile {
    std::string path;
    std::string group;
    std::map<LayerId, FileLayer> layers;
};

[[noreturn]] void refuse(const std::string& path, const std::string& what,
                         const std::string& hint = {}) {
    throw UserError("'" + path + "': " + what, hint);
}

std::uint32_t parse_number(const std::string& path, const std::string& kind,
                           const std::string& key) {
    std::uint32_t number = 0;
    const char* end = key.data() + key.size();
    const auto parsed = std::from_chars(key.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        refuse(path, kind + " '" + key + "' is no number",
               "counts-json files hold {\"LAYER\": {\"EXPERT\": {\"activation_tokens\": ...}}}");
    }
    return number;
}

std::uint64_t read_count(const CountFile& file, const std::string& place, const Json& entry,
                         const char* key) {
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_number_unsigned()) {
        refuse(file.path, place + " has no count '" + key + "'");
    }
    return found->get<std::uint64_t>();
}

ExpertCount read_expert(const CountFile& file, const std::string& place, const Json& entry) {
    if (!entry.is_object()) refuse(file.path, place + " is no object");
    ExpertCount count;
    count.selections = read_count(file, place, entry, "activation_tokens");
    const auto sum = entry.find("gate_values_sum");
    if (sum != entry.end() && sum->is_number()) count.gate_sum = sum->get<double>();
    return count;
}

FileLayer read_layer(const CountFile& file, const std::string& key, const Json& entry) {
    const std::string place = "layer " + key;
    if (!entry.is_object()) refuse(file.path, place + " is no object");
    FileLayer layer;
    layer.tokens = read_count(file, place, entry, "total_tokens");
    for (const auto& [expert, value] : entry.items()) {
        if (expert == "total_tokens") continue;
        const std::uint32_t id = parse_number(file.path, place + " expert", expert);
        layer.experts[id] = read_expert(file, place + " expert " + expert, value);
    }
    return layer;
}

CountFile read_count_file(const std::string& path) {
    const std::string stem = std::filesystem::path(path).stem().string();
    CountFile file{.path = path, .group = stem.substr(stem.rfind('_') + 1), .layers = {}};
    const Json json = read_json(path);
    if (!json.is_object() || json.empty()) refuse(path, "holds no layers");
    for (const auto& [key, entry] : json.items()) {
        const auto layer = static_cast<LayerId>(parse_number(path, "layer", key));
        file.layers[layer] = read_layer(file, key, entry);
    }
    return file;
}

// Turns files that agree with each other and with the config into one trace.
class CountsImport {
  public:
    explicit CountsImport(const ImportRequest& request) {
        for (const std::string& path : request.files) files_.push_back(read_count_file(path));
        if (files_.empty()) throw UserError("counts-json needs at least one file");
        check_groups();
        check_layers();
        shape_ = request.config.empty() ? infer_shape() : read_routing_shape(request.config);
        if (!request.config.empty()) check_config(request.config);
    }

    TraceData run() {
        TraceData data;
        data.header.kind = TraceKind::counts;
        data.header.model = shape_.model;
        for (const CountFile& file : files_) add_group(file, data.header.groups);
        for (const auto& [layer, first] : files_.front().layers) {
            if (!is_dense(layer)) add_layer(layer, data);
        }
        data.header.warnings = warnings_;
        data.header.provenance = provenance();
        return data;
    }

  private:
    void check_groups() const {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (files_[i].group != files_[j].group) continue;
                refuse(files_[i].path,
                       "group '" + files_[i].group + "' is that of '" + files_[j].path + "' too",
                       "the group is the file's stem after its last '_'; rename one of the files");
            }
        }
    }

    void check_layers() const {
        const CountFile& first = files_.front();
        for (const CountFile& file : files_) {
            for (const auto& [layer, unused] : first.layers) expect_layer(file, first, layer);
            for (const auto& [layer, unused] : file.layers) expect_layer(first, file, layer);
        }
    }

    static void expect_layer(const CountFile& file, const CountFile& other, LayerId layer) {
        if (file.layers.contains(layer)) return;
        refuse(file.path, "no layer " + std::to_string(layer) + ", which '" + other.path + "' has");
    }

    // The most that the files say about a model whose config is not given.
    RoutingShape infer_shape() {
        RoutingShape shape;
        double per_token = 0;
        for (const CountFile& file : files_) {
            for (const auto& [layer, counts] : file.layers) {
                if (!counts.experts.empty()) {
                    shape.experts = std::max(shape.experts, counts.experts.rbegin()->first + 1);
                }
                if (counts.tokens == 0) continue;
                per_token = std::max(per_token, static_cast<double>(counts.selections()) /
                                                    static_cast<double>(counts.tokens));
            }
        }
        shape.top_k = static_cast<std::uint32_t>(std::lround(per_token));
        shape.rule = "top " + std::to_string(shape.top_k) + " of " + std::to_string(shape.experts);
        warnings_.push_back("no config given: " + shape.rule +
                            " is inferred from the counts; experts above the largest one that is "
                            "named are not known of");
        return shape;
    }

    void check_config(const std::string& config) const {
        const std::int64_t layers = shape_.model.layer_count;
        for (const CountFile& file : files_) {
            for (const auto& [layer, counts] : file.layers) {
                const std::string place = "layer " + std::to_string(layer);
                if (layers > 0 && layer >= layers) {
                    refuse(file.path, place + " is not in '" + config + "', which has " +
                                          std::to_string(layers) + " layers");
                }
                if (!counts.experts.empty() && counts.experts.rbegin()->first >= shape_.experts) {
                    refuse(file.path, place + " names expert " +
                                          std::to_string(counts.experts.rbegin()->first) + ", '" +
                                          config + "' has " + std::to_string(shape_.experts));
                }
                if (!shape_.routes(layer) && counts.selections() > 0) {
                    refuse(file.path, place + " has counts but is dense in '" + config + "'");
                }
            }
        }
    }

    // Tools that count every layer write zeros for the dense ones.
    bool is_dense(LayerId layer) const {
        return !shape_.model.config_json.empty() && !shape_.routes(layer);
    }

    void add_group(const CountFile& file, CountGroups& groups) {
        std::uint64_t tokens = 0;
        std::int64_t low = 0;
        std::int64_t high = 0;
        bool same = true;
        for (const auto& [layer, counts] : file.layers) {
            if (is_dense(layer)) continue;
            same = same && (tokens == 0 || tokens == counts.tokens);
            tokens = std::max(tokens, counts.tokens);
            const auto off = static_cast<std::int64_t>(counts.selections()) -
                             static_cast<std::int64_t>(counts.tokens * shape_.top_k);
            low = std::min(low, off);
            high = std::max(high, off);
        }
        groups.label.push_back(file.group);
        groups.tokens.push_back(tokens);
        if (!same) {
            warnings_.push_back("group '" + file.group +
                                "': total_tokens differs between layers; the largest is taken");
        }
        if (low == 0 && high == 0) return;
        warnings_.push_back("group '" + file.group + "': selections per layer are " +
                            std::to_string(low) + " to +" + std::to_string(high) + " off " +
                            std::to_string(tokens) + " tokens x " + std::to_string(shape_.top_k) +
                            "; kept as published");
    }

    void add_layer(LayerId layer, TraceData& data) {
        Grid<std::uint64_t> count(files_.size(), shape_.experts);
        Grid<double> gate_sum(files_.size(), shape_.experts);
        bool has_gates = true;
        for (std::size_t g = 0; g < files_.size(); ++g) {
            for (const auto& [expert, entry] : files_[g].layers.at(layer).experts) {
                count(g, expert) = entry.selections;
                gate_sum(g, expert) = entry.gate_sum.value_or(0);
                has_gates = has_gates && entry.gate_sum.has_value();
            }
        }
        if (!has_gates) {
            warnings_.push_back("layer " + std::to_string(layer) +
                                ": gate_values_sum is not given for every expert; no weights");
            gate_sum = {};
        }
        data.header.layers.push_back({.layer = layer,
                                      .experts = shape_.experts,
                                      .top_k = shape_.top_k,
                                      .shared_experts = shape_.shared_experts,
                                      .rule = shape_.rule,
                                      .has_experts = false});
        data.layers.emplace_back().counts = {std::move(count), std::move(gate_sum)};
    }

    std::map<std::string, std::string> provenance() const {
        std::string names;
        for (const CountFile& file : files_) {
            names +=
                (names.empty() ? "" : ", ") + std::filesystem::path(file.path).filename().string();
        }
        return {{"source_format", "counts-json"},
                {"source_files", names},
                {"source_fields",
                 "activation_tokens -> count, gate_values_sum -> weight_sum, total_tokens -> "
                 "groups/tokens, file stem after the last '_' -> groups/label"},
                {"warnings", join_warnings()}};
    }

    std::string join_warnings() const {
        std::string text;
        for (const std::string& warning : warnings_) text += (text.empty() ? "" : "\n") + warning;
        return text;
    }

    std::vector<CountFile> files_;
    RoutingShape shape_;
    std::vector<std::string> warnings_;
};

}  // namespace

TraceData import_counts_json(const ImportRequest& request) {
    return CountsImport(request).run();
}

}  // namespace alluvium
