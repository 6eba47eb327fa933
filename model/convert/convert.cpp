#include "model/convert/convert.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/release_pages.h"
#include "model/checkpoint/sharded_writer.h"
#include "model/checkpoint/side_files.h"
#include "model/checkpoint/staged_folder.h"
#include "model/convert/adapted_checkpoint.h"
#include "model/convert/pickled_file.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPickles = "pytorch_model.bin";
constexpr const char* kPicklesIndex = "pytorch_model.bin.index.json";
constexpr const char* kHead = "lm_head.weight";

struct SourceTensor {
    TensorToWrite tensor;
    std::function<at::Tensor()> load;
};

// By name.
using Source = std::map<std::string, SourceTensor>;

bool has_safetensors(const fs::path& folder) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".safetensors") return true;
    }
    return false;
}

// The files that hold pickled weights, by the index where there is one.
std::vector<fs::path> pickles_of(const fs::path& folder) {
    if (!fs::exists(folder / kPicklesIndex)) {
        if (fs::exists(folder / kPickles)) return {folder / kPickles};
        throw UserError("'" + folder.string() + "' has neither *.safetensors nor " + kPickles,
                        "give the folder of a checkpoint");
    }
    const Json index = read_json(folder / kPicklesIndex);
    const Json map = index.is_object() ? index.value("weight_map", Json()) : Json();
    if (!map.is_object() || map.empty()) {
        throw UserError("'" + (folder / kPicklesIndex).string() + "' has no weight_map",
                        "fetch the file again");
    }
    std::set<fs::path> files;
    for (const auto& [tensor, file] : map.items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : "";
        const bool plain = !name.empty() && fs::path(name).filename() == name && name != "..";
        if (!plain || !fs::exists(folder / name)) {
            throw UserError("'" + (folder / kPicklesIndex).string() + "' names '" + name +
                                "' for tensor '" + tensor + "', which is no file beside it",
                            "fetch the missing file");
        }
        files.insert(folder / name);
    }
    return {files.begin(), files.end()};
}

Source source_of(const std::vector<fs::path>& pickles, const Json& config,
                 std::vector<std::string>& left_out) {
    Source source;
    for (const fs::path& path : pickles) {
        const auto file = std::make_shared<const PickledFile>(path);
        const auto embedding = file->tensors().find("model.embed_tokens.weight");
        for (const auto& [name, info] : file->tensors()) {
            // Tied heads are stored as one storage under two names.
            const bool tied = name == kHead && embedding != file->tensors().end() &&
                              info == embedding->second &&
                              config.value("tie_word_embeddings", true);
            if (tied) {
                left_out.push_back(name);
                continue;
            }
            SourceTensor tensor{{name, info.dtype, info.shape},
                                [file, own = name] { return file->tensor(own); }};
            if (!source.emplace(name, std::move(tensor)).second) {
                throw UserError("tensor '" + name + "' is in '" + path.filename().string() +
                                    "' and in a file before it",
                                "remove the file that does not belong here");
            }
        }
    }
    return source;
}

Source source_of(const CheckpointPtr& checkpoint) {
    Source source;
    for (const auto& [name, info] : checkpoint->tensors()) {
        source[name] = {{name, std::string(info.dtype->name), info.shape},
                        [checkpoint, own = name] {
                            // Copied, so that the pages need not stay.
                            at::Tensor copy = checkpoint->tensor(own).clone();
                            release_pages(checkpoint->bytes(checkpoint->tensors().at(own)));
                            return copy;
                        }};
    }
    return source;
}

LoraAdapter::Base base_of(const Source& source) {
    LoraAdapter::Base base;
    for (const auto& [name, tensor] : source)
        base[name] = {tensor.tensor.shape, tensor.tensor.dtype};
    return base;
}

}  // namespace

ConvertSummary convert(const fs::path& path, const fs::path& out, const ConvertOptions& options,
                       Progress& progress) {
    const CheckpointPtr described = Checkpoint::open_description(path);
    const fs::path folder = described->folder();
    Json config = described->config();
    ConvertSummary summary;
    const bool safe = has_safetensors(folder);
    if (safe && options.adapter.empty()) {
        throw UserError("'" + folder.string() + "' is in safetensors already",
                        "--adapter DIR merges an adapter into it");
    }
    const Source source = safe ? source_of(Checkpoint::open(folder))
                               : source_of(pickles_of(folder), config, summary.left_out);
    std::optional<LoraAdapter> adapter;
    if (!options.adapter.empty()) {
        adapter.emplace(options.adapter, base_of(source));
        add_merge_step(config, folder, *adapter, safe ? content_id(*Checkpoint::open(folder)) : "");
        summary.changed = adapter->changed();
    }
    std::vector<TensorToWrite> tensors;
    for (const auto& [name, tensor] : source) {
        tensors.push_back(tensor.tensor);
        summary.bytes += byte_count(tensor.tensor);
    }
    summary.tensors = tensors.size();

    StagedFolder staged(out, options.overwrite);
    ShardedWriter writer(staged.path(), tensors, options.shard_bytes);
    summary.shards = writer.shards();
    progress.start(summary.bytes);
    for (const auto& [name, tensor] : source) {
        progress.check();
        const at::Tensor stored = tensor.load();
        writer.write(adapter ? adapter->merged(name, stored) : stored);
        progress.advance(byte_count(tensor.tensor));
    }
    writer.close();
    copy_side_files(folder, staged.path());
    write_file_atomically(staged.path() / "config.json", config.dump(1) + "\n");
    staged.commit();
    return summary;
}

}  // namespace alluvium
