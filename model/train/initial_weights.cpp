#include "model/train/initial_weights.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/checkpoint/dtype.h"
#include "model/checkpoint/lineage.h"
#include "model/checkpoint/safetensors_writer.h"
#include "model/checkpoint/sha256.h"
#include "model/checkpoint/side_files.h"
#include "model/checkpoint/staged_folder.h"
#include "model/families/family.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

std::uint64_t tensor_seed(const std::string& name, std::uint64_t seed) {
    Sha256 hash;
    hash.add(std::to_string(seed) + " " + name);
    return std::stoull(hash.hex().substr(0, 16), nullptr, 16);
}

at::Tensor initial_value(const TensorToWrite& tensor, double deviation, std::uint64_t seed) {
    const auto options = at::TensorOptions(at::kFloat);
    const bool matrix = tensor.shape.size() > 1;
    if (!matrix) {
        return tensor.name.ends_with(".bias") ? at::zeros(tensor.shape, options)
                                              : at::ones(tensor.shape, options);
    }
    at::Generator random = at::detail::createCPUGenerator(tensor_seed(tensor.name, seed));
    return at::randn(tensor.shape, random, options) * deviation;
}

std::string stored_dtype(const ConfigReader& config) {
    const std::string word = config.text_or("torch_dtype", config.text_or("dtype", "float32"));
    if (word == "float32") return "F32";
    if (word == "bfloat16") return "BF16";
    config.refuse("torch_dtype", "float32 or bfloat16");
}

}  // namespace

void make_initial_checkpoint(const fs::path& description, const fs::path& out, std::uint64_t seed) {
    if (fs::exists(out / "config.json")) return;
    const CheckpointPtr described = Checkpoint::open_description(description);
    const ConfigReader config(*described);
    const ModelSpec spec = described_spec(*described);
    const std::string dtype = stored_dtype(config);
    std::vector<TensorToWrite> tensors;
    for (const WeightSpec& weight : needed_tensors(spec)) {
        tensors.push_back({weight.tensor, dtype, weight.shape});
    }
    Json json = described->config();
    Lineage lineage;
    lineage.steps.push_back(
        {{"step", "random weights"}, {"seed", seed}, {"writer", "alluvium " ALLUVIUM_VERSION}});
    write_lineage(json, lineage);

    StagedFolder folder(out, /*overwrite=*/false);
    SafetensorsWriter writer(folder.path() / "model.safetensors", tensors, {{"format", "pt"}});
    const double deviation = config.number_or("initializer_range", 0.02);
    for (const TensorToWrite& tensor : tensors) {
        writer.write(initial_value(tensor, deviation, seed).to(*find_dtype(dtype)->torch_type));
    }
    writer.close();
    copy_side_files(description, folder.path());
    write_file_atomically(folder.path() / "config.json", json.dump(1) + "\n");
    folder.commit();
}

}  // namespace alluvium
