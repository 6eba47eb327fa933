#pragma once
// Checkpoints whose weights follow from their names: the configs of tests/golden/families, written
// with the tensors that the family asks for. The same formula as in its make.py.
#include <cmath>
#include <filesystem>

#include <ATen/ATen.h>

#include "base/files.h"
#include "base/json.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/safetensors_writer.h"
#include "model/families/family.h"

namespace alluvium::test {

inline std::filesystem::path families_folder() {
    return ALLUVIUM_SOURCE_DIR "/tests/golden/families";
}

inline at::Tensor formula_weight(const std::string& name, const std::vector<std::int64_t>& shape) {
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    at::Tensor weight = at::empty(shape, at::kFloat);
    for (std::int64_t i = 0; i < weight.numel(); ++i) {
        std::uint32_t x = hash + static_cast<std::uint32_t>(i) * 2654435761U;
        x = (x ^ (x >> 15U)) * 2246822519U;
        x = (x ^ (x >> 13U)) * 3266489917U;
        x ^= x >> 16U;
        double unit = x / 0x1p31 - 1;
        if (name.ends_with("bias")) {
            unit *= 0.1;
        } else if (name.find("norm") != std::string::npos) {
            unit = 1 + 0.1 * unit;
        } else {
            unit *= 1.7 / std::sqrt(static_cast<double>(shape.back()));
        }
        weight.mutable_data_ptr<float>()[i] = static_cast<float>(unit);
    }
    return weight;
}

// Writes the checkpoint into `folder`.
inline CheckpointPtr formula_checkpoint(const Json& config, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    write_file_atomically(folder / "config.json", config.dump());
    const ModelSpec spec = described_spec(*Checkpoint::open_description(folder / "config.json"));
    std::vector<TensorToWrite> heads;
    std::vector<at::Tensor> tensors;
    for (const WeightSpec& weight : needed_tensors(spec)) {
        heads.push_back({weight.tensor, "F32", weight.shape});
        tensors.push_back(formula_weight(weight.tensor, weight.shape));
    }
    SafetensorsWriter writer(folder / "model.safetensors", heads);
    for (const at::Tensor& tensor : tensors) writer.write(tensor);
    writer.close();
    return Checkpoint::open(folder);
}

}  // namespace alluvium::test
