#include "model/checkpoint/checkpoint.h"

#include <algorithm>

#include <ATen/ops/from_blob.h>

#include "base/error.h"
#include "base/hub_cache.h"
#include "model/checkpoint/shard_file.h"
#include "model/checkpoint/shard_list.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

Json read_config(const fs::path& path) {
    if (!fs::exists(path)) {
        throw UserError("'" + path.parent_path().string() + "' has no config.json",
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

std::shared_ptr<const Checkpoint> Checkpoint::open(const fs::path& path) {
    require_folder(path);
    const fs::path folder = hub_snapshot(path);
    const std::shared_ptr<Checkpoint> checkpoint(new Checkpoint);
    checkpoint->folder_ = folder;
    checkpoint->config_path_ = folder / "config.json";
    checkpoint->config_ = read_config(checkpoint->config_path_);
    checkpoint->known_ = Known::tensors;
    const ShardList list = list_shards(folder);
    for (std::size_t shard = 0; shard < list.files.size(); ++shard) {
        const fs::path own = folder / list.files[shard];
        auto file = ShardFile::open(own);
        TensorTable table = read_safetensors_header(file->bytes(), own.string(), shard);
        checkpoint->tensors_.merge(table);
        if (!table.empty()) {  // what was there already
            const std::string& name = table.begin()->first;
            throw UserError("tensor '" + name + "' is in both '" +
                                list.files[checkpoint->tensors_.at(name).shard] + "' and '" +
                                list.files[shard] + "' of '" + folder.string() + "'",
                            "remove the shard that does not belong here");
        }
        checkpoint->shards_.push_back(std::move(file));
    }
    checkpoint->shard_names_ = list.files;
    check_index(list, checkpoint->tensors_, folder);
    checkpoint->require_unchanged();
    return checkpoint;
}

std::shared_ptr<const Checkpoint> Checkpoint::open_description(const fs::path& path) {
    const std::shared_ptr<Checkpoint> checkpoint(new Checkpoint);
    if (fs::is_regular_file(path)) {
        checkpoint->folder_ = path.parent_path();
        checkpoint->config_path_ = path;
    } else {
        require_folder(path);
        checkpoint->folder_ = hub_snapshot(path);
        checkpoint->config_path_ = checkpoint->folder_ / "config.json";
    }
    checkpoint->config_ = read_config(checkpoint->config_path_);
    return checkpoint;
}

std::shared_ptr<const Checkpoint> Checkpoint::open_index(const fs::path& index) {
    const std::shared_ptr<Checkpoint> checkpoint(new Checkpoint);
    checkpoint->folder_ = index.parent_path();
    checkpoint->config_path_ = checkpoint->folder_ / "config.json";
    checkpoint->config_ = fs::exists(checkpoint->config_path_)
                              ? read_config(checkpoint->config_path_)
                              : Json::object();
    checkpoint->known_ = Known::names;
    ShardList list = read_index(index);
    for (const auto& [tensor, file] : list.weight_map) {
        const auto shard = std::ranges::lower_bound(list.files, file) - list.files.begin();
        checkpoint->tensors_[tensor].shard = static_cast<std::size_t>(shard);
    }
    checkpoint->shard_names_ = std::move(list.files);
    checkpoint->promised_bytes_ = list.total_bytes;
    return checkpoint;
}

std::shared_ptr<const Checkpoint> Checkpoint::with_changes(
    const std::shared_ptr<const Checkpoint>& base, std::shared_ptr<const TensorChanges> changes,
    Json config) {
    const std::shared_ptr<Checkpoint> checkpoint(new Checkpoint(*base));
    checkpoint->changes_ = std::move(changes);
    checkpoint->config_ = std::move(config);
    return checkpoint;
}

std::string Checkpoint::name() const {
    const std::string own = folder_name(folder_);
    return changes_ ? own + " + " + changes_->name() : own;
}

std::uint64_t Checkpoint::bytes_on_disk() const {
    std::uint64_t total = promised_bytes_;
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
    const at::Tensor stored = at::from_blob(
        data, info.shape, [keep = shards_[info.shard]](void*) {},
        at::TensorOptions().dtype(*info.dtype->torch_type));
    return changes_ && changes_->changes(name) ? changes_->merged(name, stored) : stored;
}

void Checkpoint::require_unchanged() const {
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
        if (!shards_[shard]->changed()) continue;
        throw RunError("'" + (folder_ / shard_names_[shard]).string() +
                       "' was written to or cut short while it was open: what was read from it "
                       "cannot be trusted; open the checkpoint again when it is whole");
    }
}

bool Checkpoint::outdated() const {
    return std::ranges::any_of(shards_, [](const auto& shard) { return shard->outdated(); });
}

}  // namespace alluvium
