#include "model/train/save_checkpoint.h"

#include <ATen/ATen.h>

#include "base/files.h"
#include "model/checkpoint/dtype.h"
#include "model/checkpoint/safetensors_writer.h"

namespace alluvium {
namespace {

std::string config_word(const std::string& dtype) {
    if (dtype == "BF16") return "bfloat16";
    return dtype == "F16" ? "float16" : "float32";
}

std::vector<TensorToWrite> header(const TrainedWeights& weights, const std::string& dtype) {
    std::vector<TensorToWrite> tensors;
    for (const StoredTensor& stored : weights.stored()) {
        tensors.push_back({stored.name, dtype, stored.shape});
    }
    return tensors;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& folder, const TrainedWeights& weights,
                     const std::string& dtype, Json config) {
    const at::ScalarType type = *find_dtype(dtype)->torch_type;
    SafetensorsWriter writer(folder / "model.safetensors", header(weights, dtype),
                             {{"format", "pt"}});
    for (const StoredTensor& stored : weights.stored()) {
        writer.write(stored.of(weights.parameters()[stored.parameter].detach()).to(type));
    }
    writer.close();
    config.erase("dtype");
    config["torch_dtype"] = config_word(dtype);
    write_file_atomically(folder / "config.json", config.dump(1) + "\n");
}

void save_gradients(const std::filesystem::path& file, const TrainedWeights& weights,
                    const std::vector<at::Tensor>& gradients) {
    const bool wide = weights.embedding().scalar_type() == at::kDouble;
    SafetensorsWriter writer(file, header(weights, wide ? "F64" : "F32"));
    for (const StoredTensor& stored : weights.stored()) {
        const at::Tensor& gradient = gradients[stored.parameter];
        const at::Tensor& parameter = weights.parameters()[stored.parameter];
        writer.write(stored.of(gradient.defined() ? gradient : at::zeros_like(parameter)));
    }
    writer.close();
}

}  // namespace alluvium
