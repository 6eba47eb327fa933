#pragma once
// A checkpoint folder: config.json and memory-mapped safetensors shards. Nothing is copied; opening
// reads the config and the headers only.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/json.h"
#include "model/checkpoint/safetensors.h"

namespace alluvium {

class ShardFile;

// What is laid over a checkpoint's tensors when they are read, such as an adapter.
class TensorChanges {
  public:
    virtual ~TensorChanges() = default;
    virtual bool changes(const std::string& tensor) const = 0;
    // The tensor as it is then: a new one of the stored one's type and shape.
    virtual at::Tensor merged(const std::string& tensor, const at::Tensor& stored) const = 0;
    virtual std::string id() const = 0;    // of their content
    virtual std::string name() const = 0;  // for people
};

class Checkpoint : public std::enable_shared_from_this<Checkpoint> {
  public:
    // `folder` may be a repository in the hub's cache, too (base/hub_cache.h).
    // UserError naming the file or tensor where the folder is no checkpoint or is damaged: not a
    // folder, no config.json, pickles only, a missing or truncated shard, a malformed header,
    // overlapping tensors, a tensor the index names and no shard holds.
    static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& folder);
    // A folder that describes a model, or a config file alone: without a tensor, whatever weights
    // lie there.
    static std::shared_ptr<const Checkpoint> open_description(const std::filesystem::path& path);
    // An index of shards alone: the tensors' names, and the config beside it where there is one.
    static std::shared_ptr<const Checkpoint> open_index(const std::filesystem::path& index);
    // `base` with changed tensors and the config that says so.
    static std::shared_ptr<const Checkpoint> with_changes(
        const std::shared_ptr<const Checkpoint>& base, std::shared_ptr<const TensorChanges> changes,
        Json config);

    // How much of it could be looked at.
    enum class Known { config, names, tensors };
    Known known() const { return known_; }
    bool knows_tensors() const { return known_ != Known::config; }

    const std::filesystem::path& folder() const { return folder_; }
    std::string name() const;  // the folder's own, with that of what changes it
    const Json& config() const { return config_; }
    const std::filesystem::path& config_path() const { return config_path_; }

    // Where only their names are known they have neither dtype nor shape.
    const TensorTable& tensors() const { return tensors_; }
    bool has(const std::string& tensor) const { return tensors_.contains(tensor); }
    const std::vector<std::string>& shards() const { return shard_names_; }
    std::uint64_t bytes_on_disk() const;  // of the shards; of an index what it says, or 0

    // A read-only view over the mapping, which keeps the mapping alive, not the Checkpoint (writing
    // to it is a fault); of a tensor that is changed on reading, a tensor of its own. UserError
    // where there is no such tensor or libtorch cannot hold its dtype.
    at::Tensor tensor(const std::string& name) const;
    // The bytes of a tensor as they are stored, for what reads them without libtorch's types.
    std::span<const std::byte> bytes(const TensorInfo& info) const;
    // What changes the tensors; or null.
    const TensorChanges* changes() const { return changes_.get(); }

    // RunError naming the file where a shard was written to or cut short since it was opened: what
    // was read from it in the meantime may be anything.
    void require_unchanged() const;
    // Whether opening the folder again would show something else.
    bool outdated() const;

  private:
    Checkpoint() = default;

    std::filesystem::path folder_;
    std::filesystem::path config_path_;
    Json config_;
    Known known_ = Known::config;
    TensorTable tensors_;
    std::vector<std::string> shard_names_;
    std::vector<std::shared_ptr<const ShardFile>> shards_;
    std::uint64_t promised_bytes_ = 0;
    std::shared_ptr<const TensorChanges> changes_;
};

using CheckpointPtr = std::shared_ptr<const Checkpoint>;

}  // namespace alluvium
