#include "model/checkpoint/checkpoint.h"

#include <algorithm>

#include <ATen/ops/from_blob.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/shard_list.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

Json read_config(const fs::path& folder) {
    const fs::path path = folder / "config.json";
    if (!fs::exists(path)) {
        throw UserError("'" + folder.string() + "' has no config.json",
                        "a checkpoint is a folder with config.json and *.safetensors");
    }
    Json config = read_json(path);
    if (!config.is_object()) throw UserError("'" + path.string() + "' holds no JSON object");
    return config;
}

void require_folder(const fs::path& folder) {
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) {
        throw UserError("'" + folder.string() + "' does not exist",
                        "give the folder of a checkpoint");
    }
    if (!fs::is_directory(folder, ignored)) {
        throw UserError("'" + folder.string() + "' is not a folder",
                        "give the folder that holds config.json and *.safetensors");
    }
}

}  // namespace

std::shared_ptr<const Checkpoint> Checkpoint::open(const fs::path& folder) {
    require_folder(folder);
    const std::shared_ptr<Checkpoint> checkpoint(new Checkpoint);
    checkpoint->folder_ = folder;
    checkpoint->config_ = read_config(folder);
    const ShardList list = list_shards(folder);
    for (std::size_t shard = 0; shard < list.files.size(); ++shard) {
        const fs::path path = folder / list.files[shard];
        auto file = std::make_shared<const MappedFile>(path);
        TensorTable table = read_safetensors_header(file->bytes(), path.string(), shard);
        for (auto& [name, info] : table) {
            const auto [at, fresh] = checkpoint->tensors_.emplace(name, std::move(info));
            if (!fresh) {
                throw UserError("tensor '" + name + "' is in both '" +
                                    list.files[at->second.shard] + "' and '" + list.files[shard] +
                                    "' of '" + folder.string() + "'",
                                "remove the shard that does not belong here");
            }
        }
        checkpoint->shards_.push_back(std::move(file));
    }
    checkpoint->shard_names_ = list.files;
    check_index(list, checkpoint->tensors_, folder);
    return checkpoint;
}

std::shared_ptr<const Checkpoint> Checkpoint::open_description(const fs::path& folder) {
    require_folder(folder);
    const std::shared_ptr<Checkpoint> checkpoint(new Checkpoint);
    checkpoint->folder_ = folder;
    checkpoint->config_ = read_config(folder);
    return checkpoint;
}

std::string Checkpoint::name() const {
    const fs::path absolute = fs::weakly_canonical(folder_);
    return absolute.filename().string();
}

std::uint64_t Checkpoint::bytes_on_disk() const {
    std::uint64_t total = 0;
    for (const auto& shard : shards_) total += shard->size();
    return total;
}

std::span<const std::byte> Checkpoint::bytes(const TensorInfo& info) const {
    return shards_[info.shard]->bytes().subspan(info.offset, info.bytes);
}

at::Tensor Checkpoint::tensor(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) {
        throw UserError("'" + folder_.string() + "' has no tensor '" + name + "'");
    }
    const TensorInfo& info = found->second;
    if (!info.dtype->torch_type) {
        throw UserError("tensor '" + name + "' of '" + folder_.string() + "' is " +
                            std::string(info.dtype->name) + ", which cannot be computed with",
                        "use a checkpoint in F32, F16 or BF16");
    }
    // The mapping is read-only; const_cast because libtorch has no constant tensors.
    auto* data = const_cast<std::byte*>(bytes(info).data());
    return at::from_blob(
        data, info.shape, [keep = shards_[info.shard]](void*) {},
        at::TensorOptions().dtype(*info.dtype->torch_type));
}

}  // namespace alluvium
