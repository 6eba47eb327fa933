#include "model/upcycle/widen.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/lineage.h"
#include "model/checkpoint/release_pages.h"
#include "model/checkpoint/sharded_writer.h"
#include "model/checkpoint/side_files.h"
#include "model/checkpoint/staged_folder.h"
#include "model/families/family.h"
#include "model/upcycle/layer_list.h"

namespace alluvium {
namespace {

// What models draw new weights with where their config does not say.
constexpr double kDeviation = 0.02;

// A tensor with a dimension of neurons. The others are copied.
struct Grown {
    std::int64_t dimension = 0;
    bool random = false;       // else the new entries are 0
    std::uint64_t number = 0;  // different for each, for its random numbers
};

bool has_own_matrices(const FeedForwardSpec& part, const Checkpoint& dense) {
    const auto exists = [&](const LinearSpec& matrix) {
        return dense.tensors().contains(matrix.weight.tensor);
    };
    return exists(part.gate) && exists(part.up) && exists(part.down) &&
           part.gate.weight.tensor != part.up.weight.tensor;
}

std::map<std::string, Grown> grown_tensors(const ModelSpec& spec, const Checkpoint& dense) {
    std::map<std::string, Grown> result;
    for (const LayerSpec& layer : spec.layers) {
        const auto* part = std::get_if<FeedForwardSpec>(&layer.feed_forward);
        if (part == nullptr || part->gate.bias || !has_own_matrices(*part, dense)) {
            throw UserError("'" + dense.folder().string() +
                                "' cannot be widened: not every layer is a gated feed-forward part "
                                "with matrices of its own",
                            "give a dense model, for instance of the family qwen2");
        }
        for (const LinearSpec* matrix : {&part->gate, &part->up}) {
            result.emplace(matrix->weight.tensor, Grown{0, true, result.size()});
        }
        result.emplace(part->down.weight.tensor, Grown{1, false, result.size()});
    }
    return result;
}

// Elements that exist at a time: 32 MB in f32.
constexpr std::int64_t kAtOnce = 8'000'000;

// Calls f(first row, rows) for pieces of a matrix, in order. A multiple of 16 rows: that many
// numbers are drawn at a time, so a matrix drawn in pieces is the one drawn whole.
template <typename F>
void for_pieces(std::int64_t rows, std::int64_t columns, F&& f) {
    const std::int64_t at_once = std::max<std::int64_t>(16, kAtOnce / columns / 16 * 16);
    for (std::int64_t first = 0; first < rows; first += at_once) {
        f(first, std::min(at_once, rows - first));
    }
}

// Gate or up projection: new neurons below the old ones.
void write_with_new_rows(const at::Tensor& tensor, std::int64_t added, std::uint64_t seed,
                         double deviation, ShardedWriter& writer) {
    writer.write_part(tensor);
    at::Generator random = at::detail::createCPUGenerator(seed);
    for_pieces(added, tensor.size(1), [&](std::int64_t, std::int64_t rows) {
        const at::Tensor drawn =
            at::randn({rows, tensor.size(1)}, random, at::TensorOptions(at::kFloat)) * deviation;
        writer.write_part(drawn.to(tensor.scalar_type()));
    });
}

// Down projection: the new neurons' columns are 0.
void write_with_new_columns(const at::Tensor& tensor, std::int64_t added, ShardedWriter& writer) {
    for_pieces(tensor.size(0), tensor.size(1) + added, [&](std::int64_t first, std::int64_t rows) {
        writer.write_part(at::constant_pad_nd(tensor.narrow(0, first, rows), {0, added}));
    });
}

void write_grown(const at::Tensor& tensor, const Grown& grown, std::int64_t added,
                 const WidenOptions& options, double deviation, ShardedWriter& writer) {
    if (grown.random) {
        const std::uint64_t seed = options.seed * 0x9e3779b97f4a7c15u + grown.number;
        write_with_new_rows(tensor, added, seed, deviation, writer);
    } else {
        write_with_new_columns(tensor, added, writer);
    }
}

std::int64_t width_of(const ModelSpec& spec) {
    return std::get<FeedForwardSpec>(spec.layers.front().feed_forward).gate.weight.shape.at(0);
}

Json widened_config(const Checkpoint& dense, std::int64_t width, const WidenOptions& options) {
    Json config = dense.config();
    config["intermediate_size"] = width;
    Lineage lineage = read_lineage(dense.config(), dense.config_path().string());
    lineage.steps.push_back(
        {{"step", "widen"},
         {"source", content_id(dense)},
         {"source_name", dense.name()},
         {"writer", "alluvium " ALLUVIUM_VERSION},
         {"parameters_as", options.width == DenseWidth::active ? "active" : "total"},
         {"experts", options.experts},
         {"top_k", options.top_k},
         {"seed", options.seed}});
    write_lineage(config, lineage);
    return config;
}

std::vector<TensorToWrite> tensors_to_write(const Checkpoint& dense,
                                            const std::map<std::string, Grown>& grown,
                                            std::int64_t width) {
    std::vector<TensorToWrite> result;
    for (const auto& [name, info] : dense.tensors()) {
        TensorToWrite tensor{name, std::string(info.dtype->name), info.shape};
        const auto found = grown.find(name);
        if (found != grown.end()) {
            tensor.shape[static_cast<std::size_t>(found->second.dimension)] = width;
        }
        result.push_back(std::move(tensor));
    }
    return result;
}

}  // namespace

// Three matrices of H weights per neuron; a router has H weights per expert.
std::int64_t matched_width(std::int64_t width, std::int64_t routed, std::int64_t layers,
                           const WidenOptions& options) {
    const int copies = options.width == DenseWidth::active ? options.top_k : options.experts;
    const double added_in_a_layer =
        static_cast<double>((copies - 1) * width) + static_cast<double>(options.experts) / 3;
    const double share = static_cast<double>(routed) / static_cast<double>(layers);
    return width + std::llround(added_in_a_layer * share);
}

WidenSummary widen(const Checkpoint& dense, const std::filesystem::path& out,
                   const WidenOptions& options, Progress& progress) {
    const ModelSpec spec = model_spec(dense);
    const std::map<std::string, Grown> grown = grown_tensors(spec, dense);
    const auto layers = static_cast<std::int64_t>(spec.layers.size());
    const auto routed = std::ssize(parse_layer_list(options.layers, static_cast<LayerId>(layers)));
    WidenSummary summary;
    summary.width_before = width_of(spec);
    summary.width = matched_width(summary.width_before, routed, layers, options);
    const std::vector<TensorToWrite> tensors = tensors_to_write(dense, grown, summary.width);
    for (const TensorToWrite& tensor : tensors) summary.bytes += byte_count(tensor);
    const double deviation = ConfigReader(dense).number_or("initializer_range", kDeviation);

    StagedFolder folder(out, options.overwrite);
    ShardedWriter writer(folder.path(), tensors, options.shard_bytes);
    progress.start(summary.bytes);
    for (const TensorToWrite& tensor : tensors) {
        progress.check();
        const TensorInfo& info = dense.tensors().at(tensor.name);
        const auto found = grown.find(tensor.name);
        if (found == grown.end()) {
            writer.write(dense.bytes(info));
        } else {
            write_grown(dense.tensor(tensor.name), found->second,
                        summary.width - summary.width_before, options, deviation, writer);
        }
        release_pages(dense.bytes(info));
        progress.advance(byte_count(tensor));
    }
    writer.close();
    copy_side_files(dense.folder(), folder.path());
    write_file_atomically(folder.path() / "config.json",
                          widened_config(dense, summary.width, options).dump(1) + "\n");
    folder.commit();
    return summary;
}

}  // namespace alluvium
