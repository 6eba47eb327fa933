#pragma once
// Several fine-tuned models of one base, whose feed-forward parts become experts
// (Branch-Train-MiX, arXiv 2403.07816).
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/json.h"
#include "model/checkpoint/checkpoint.h"

namespace alluvium {

class MergedModels {
  public:
    // None where `folders` is empty. UserError naming the folder and the key, tensor or tokenizer
    // in which it differs from the base.
    MergedModels(const Checkpoint& base, const std::vector<std::filesystem::path>& folders);

    bool empty() const { return models_.empty(); }
    // The models in turn.
    const Checkpoint& of_expert(int expert) const;
    // Of all models, summed in f32, in the type of the base. Needs the memory of its result.
    at::Tensor mean(const std::string& tensor) const;
    void release(const std::string& tensor) const;  // pages that were read

    // [{"source", "source_name"}] in order.
    Json lineage() const;

  private:
    const Checkpoint& base_;
    std::vector<CheckpointPtr> models_;
};

}  // namespace alluvium
