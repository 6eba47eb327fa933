#pragma once
// Brings a checkpoint into safetensors: pickled weights (pytorch_model.bin, with or without an
// index) and base models with a LoRA adapter, which is merged into them. Nothing is executed.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"

namespace alluvium {

struct ConvertOptions {
    std::filesystem::path adapter{};  // folder; empty: none
    std::uint64_t shard_bytes = 4'000'000'000;
    bool overwrite = false;
};

struct ConvertSummary {
    std::uint64_t tensors = 0;
    std::uint64_t bytes = 0;    // of the tensors written
    std::uint64_t changed = 0;  // by the adapter
    std::size_t shards = 0;
    std::vector<std::string> left_out;  // output heads that are the embeddings once more
};

// One tensor at a time; `out` appears when it is complete. A folder that holds both is read from
// its safetensors. Progress counts bytes. UserError as PickledFile, LoraAdapter and Checkpoint say,
// where an index names a file that is not there or two files hold one tensor, and where there is
// nothing to do; RunError where the disk is full.
ConvertSummary convert(const std::filesystem::path& folder, const std::filesystem::path& out,
                       const ConvertOptions& options, Progress& progress);

}  // namespace alluvium
