#pragma once
// The committed checkpoints of tests/golden/forward and what the reference computes on them.
#include <filesystem>
#include <string>

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include "base/files.h"
#include "base/json.h"
#include "model/checkpoint/checkpoint.h"
#include "model/forward/token_batch.h"

namespace alluvium::test {

inline std::filesystem::path golden_folder(const std::string& name) {
    return std::filesystem::path(ALLUVIUM_SOURCE_DIR "/tests/golden/forward") / name;
}

inline std::filesystem::path golden_checkpoint(const std::string& name) {
    return golden_folder(name) / "checkpoint";
}

// A copy of the checkpoint's files, to be damaged; returns `to`.
inline std::filesystem::path copy_golden(const std::string& name, std::filesystem::path to) {
    std::filesystem::copy(golden_checkpoint(name), to);
    return to;
}

// Its prompts, packed.
inline TokenBatch golden_batch(const std::string& name) {
    TokenBatch batch;
    for (const Json& prompt : read_json(golden_folder(name) / "prompts.json")) {
        batch.append(prompt.get<std::vector<std::int64_t>>());
    }
    return batch;
}

// What the reference computes in float32 for each prompt alone, rows in the batch's order.
class GoldenArrays {
  public:
    explicit GoldenArrays(const std::string& name)
        : GoldenArrays(golden_folder(name) / "expected.safetensors", name) {}
    GoldenArrays(const std::filesystem::path& file, const std::string& name)
        : file_(file), table_(read_safetensors_header(file_.bytes(), name, 0)) {}

    bool has(const std::string& array) const { return table_.contains(array); }

    at::Tensor get(const std::string& array) const {
        const TensorInfo& info = table_.at(array);
        // from_blob wants a mutable pointer; the copy is made at once.
        auto* data = const_cast<std::byte*>(file_.bytes().data()) + info.offset;
        return at::from_blob(data, info.shape, at::TensorOptions().dtype(*info.dtype->torch_type))
            .clone();
    }

  private:
    MappedFile file_;
    TensorTable table_;
};

}  // namespace alluvium::test
