#include "model/train/training_state.h"

#include <cstring>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/safetensors_writer.h"

namespace alluvium {
namespace {

// A tensor of bytes that holds JSON, because a safetensors file keeps only tensors in order.
constexpr const char* kPosition = "position";

struct NamedTensor {
    std::string name;
    at::Tensor value;
};

std::vector<NamedTensor> state_tensors(const TrainedWeights& weights, AdamW& optimiser) {
    std::vector<NamedTensor> all;
    for (std::size_t i = 0; i < weights.names().size(); ++i) {
        const std::string& name = weights.names()[i];
        all.push_back({"weight " + name, weights.parameters()[i].detach()});
        all.push_back({"first moment " + name, optimiser.first_moments()[i]});
        all.push_back({"second moment " + name, optimiser.second_moments()[i]});
        all.push_back({"steps " + name, optimiser.steps()[i]});
    }
    return all;
}

std::string dtype_name(const at::Tensor& tensor) {
    return tensor.scalar_type() == at::kDouble ? "F64" : "F32";
}

class StateFile {
  public:
    explicit StateFile(const std::filesystem::path& folder)
        : path_(folder / kTrainingState), file_(path_) {
        table_ = read_safetensors_header(file_.bytes(), path_.string(), 0);
    }

    std::span<const std::byte> bytes(const std::string& name, std::uint64_t expected) const {
        const auto found = table_.find(name);
        if (found == table_.end() || (expected > 0 && found->second.bytes != expected)) {
            throw UserError("'" + path_.string() + "' does not belong to this model: '" + name +
                                "' is missing or of another size",
                            "resume with the checkpoint that the run started from");
        }
        return file_.bytes().subspan(found->second.offset, found->second.bytes);
    }

  private:
    std::filesystem::path path_;
    MappedFile file_;
    TensorTable table_;
};

}  // namespace

void save_training_state(const std::filesystem::path& folder, const RunPosition& position,
                         const TrainedWeights& weights, AdamW& optimiser) {
    const Json json = {
        {"step", position.step}, {"tokens", position.tokens}, {"options", position.options}};
    const std::string text = json.dump();
    std::vector<TensorToWrite> header = {
        {kPosition, "U8", {static_cast<std::int64_t>(text.size())}}};
    const std::vector<NamedTensor> tensors = state_tensors(weights, optimiser);
    for (const NamedTensor& tensor : tensors) {
        header.push_back({tensor.name, dtype_name(tensor.value), tensor.value.sizes().vec()});
    }
    SafetensorsWriter writer(folder / kTrainingState, header);
    writer.write(std::as_bytes(std::span(text)));
    for (const NamedTensor& tensor : tensors) writer.write(tensor.value);
    writer.close();
}

RunPosition read_run_position(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / kTrainingState;
    if (!std::filesystem::exists(path)) {
        throw UserError("'" + folder.string() + "' holds no run to resume",
                        "start it without --resume");
    }
    const StateFile file(folder);
    const auto bytes = file.bytes(kPosition, 0);
    const Json json =
        parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
    try {
        return {json.at("step").get<std::int64_t>(), json.at("tokens").get<std::int64_t>(),
                json.at("options")};
    } catch (const Json::exception&) {
        throw UserError("'" + path.string() + "' is damaged: its position cannot be read",
                        "start the run anew with --overwrite");
    }
}

void load_training_state(const std::filesystem::path& folder, const TrainedWeights& weights,
                         AdamW& optimiser) {
    const StateFile file(folder);
    for (const NamedTensor& tensor : state_tensors(weights, optimiser)) {
        const auto bytes = file.bytes(tensor.name, tensor.value.nbytes());
        std::memcpy(tensor.value.mutable_data_ptr(), bytes.data(), bytes.size());
    }
}

}  // namespace alluvium
