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

class MappedFile;

class Checkpoint {
  public:
    // UserError naming the file or tensor where the folder is no checkpoint or is damaged: not a
    // folder, no config.json, pickles only, a missing or truncated shard, a malformed header,
    // overlapping tensors, a tensor the index names and no shard holds.
    static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& folder);
    // A folder that describes a model: its config, without a tensor, whatever weights lie there.
    static std::shared_ptr<const Checkpoint> open_description(const std::filesystem::path& folder);

    const std::filesystem::path& folder() const { return folder_; }
    std::string name() const;  // the folder's own name
    const Json& config() const { return config_; }
    std::filesystem::path config_path() const { return folder_ / "config.json"; }

    const TensorTable& tensors() const { return tensors_; }
    bool has(const std::string& tensor) const { return tensors_.contains(tensor); }
    const std::vector<std::string>& shards() const { return shard_names_; }
    std::uint64_t bytes_on_disk() const;  // of the shards

    // A read-only view over the mapping; it keeps the mapping alive, not the Checkpoint. Writing to
    // it is a fault. UserError where there is no such tensor or libtorch cannot hold its dtype.
    at::Tensor tensor(const std::string& name) const;
    // The bytes of a tensor, for what reads them without libtorch's types.
    std::span<const std::byte> bytes(const TensorInfo& info) const;

  private:
    Checkpoint() = default;

    std::filesystem::path folder_;
    Json config_;
    TensorTable tensors_;
    std::vector<std::string> shard_names_;
    std::vector<std::shared_ptr<const MappedFile>> shards_;
};

using CheckpointPtr = std::shared_ptr<const Checkpoint>;

}  // namespace alluvium
