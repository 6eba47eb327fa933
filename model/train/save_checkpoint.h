#pragma once
#include <filesystem>
#include <string>

#include "base/json.h"
#include "model/train/trained_weights.h"

namespace alluvium {

// The trained weights in the layout of the checkpoint that they came from: model.safetensors, then
// config.json, each replaced as a whole. `dtype` is "BF16", "F16" or "F32"; `config` says so too.
// RunError where the disk is full; what was there is then still there.
void save_checkpoint(const std::filesystem::path& folder, const TrainedWeights& weights,
                     const std::string& dtype, Json config);

// [parameters] gradients under the names of the checkpoint's tensors, in their own type. An
// undefined gradient is written as 0.
void save_gradients(const std::filesystem::path& file, const TrainedWeights& weights,
                    const std::vector<at::Tensor>& gradients);

}  // namespace alluvium
