#include "model/upcycle/merged_models.h"

#include <algorithm>
#include <array>
#include <optional>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/checkpoint/content_id.h"
#include "model/checkpoint/release_pages.h"
#include "model/families/family.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {
namespace {

// Rows of a mean that are summed in f32 at a time.
constexpr std::int64_t kSummedAtOnce = 4 << 20;  // numbers

// Of a config, what says nothing about the function that the model computes.
constexpr std::array kIncidentalKeys = {
    "_name_or_path", "alluvium",     "architectures", "bos_token_id", "dtype",
    "eos_token_id",  "pad_token_id", "torch_dtype",   "use_cache",    "transformers_version"};

[[noreturn]] void refuse(const Checkpoint& model, const std::string& difference) {
    throw UserError("'" + model.folder().string() + "' cannot be merged: " + difference,
                    "merge models that were fine-tuned from one base, without new tokens");
}

void check_config(const Checkpoint& base, const Checkpoint& model) {
    const auto essential = [](Json config) {
        for (const char* key : kIncidentalKeys) config.erase(key);
        return config;
    };
    const Json ours = essential(base.config());
    const Json theirs = essential(model.config());
    for (const Json& operation : Json::diff(ours, theirs)) {
        const std::string path = operation.at("path");
        const std::string key = path.substr(1, path.find('/', 1) - 1);
        const auto text = [&](const Json& config) {
            return config.contains(key) ? config[key].dump() : std::string("absent");
        };
        refuse(model,
               "key '" + key + "' of its config is " + text(theirs) + ", the base's " + text(ours));
    }
}

void check_tensors_agree(const Checkpoint& base, const Checkpoint& model) {
    for (const auto& [name, info] : base.tensors()) {
        const auto found = model.tensors().find(name);
        if (found == model.tensors().end()) refuse(model, "it has no tensor '" + name + "'");
        if (found->second.shape == info.shape) continue;
        refuse(model, "tensor '" + name + "' has shape " + shape_text(found->second.shape) +
                          ", the base's " + shape_text(info.shape));
    }
}

std::optional<Tokenizer> tokenizer_of(const Checkpoint& checkpoint) {
    try {
        return Tokenizer::open(checkpoint.folder());
    } catch (const UserError&) {
        return std::nullopt;  // none, as far as merging goes
    }
}

// The first id that stands for another text, where the files differ at all.
void check_tokenizers_agree(const Checkpoint& base, const Checkpoint& model) {
    const std::optional<Tokenizer> ours = tokenizer_of(base);
    const std::optional<Tokenizer> theirs = tokenizer_of(model);
    if (!ours || !theirs || ours->id() == theirs->id()) return;
    if (ours->vocab_size() != theirs->vocab_size()) {
        refuse(model, "its tokenizer has " + std::to_string(theirs->vocab_size()) +
                          " tokens, the base's " + std::to_string(ours->vocab_size()));
    }
    for (std::uint32_t id = 0; id < ours->vocab_size(); ++id) {
        if (ours->token_text(id) == theirs->token_text(id)) continue;
        refuse(model, "token " + std::to_string(id) + " of its tokenizer is '" +
                          theirs->token_text(id) + "', the base's '" + ours->token_text(id) + "'");
    }
}

}  // namespace

MergedModels::MergedModels(const Checkpoint& base,
                           const std::vector<std::filesystem::path>& folders)
    : base_(base) {
    for (const std::filesystem::path& folder : folders) {
        CheckpointPtr model = Checkpoint::open(folder);
        check_config(base, *model);
        check_tensors_agree(base, *model);
        model_spec(*model);  // refuses what is left over
        check_tokenizers_agree(base, *model);
        models_.push_back(std::move(model));
    }
}

const Checkpoint& MergedModels::of_expert(int expert) const {
    return *models_[static_cast<std::size_t>(expert) % models_.size()];
}

at::Tensor MergedModels::mean(const std::string& tensor) const {
    const at::Tensor own = base_.tensor(tensor);
    at::Tensor result = at::empty_like(own);
    const at::Tensor flat = result.view(-1);
    for (std::int64_t begin = 0; begin < flat.numel(); begin += kSummedAtOnce) {
        const std::int64_t count = std::min(kSummedAtOnce, flat.numel() - begin);
        at::Tensor sum = at::zeros({count}, at::kFloat);
        for (const CheckpointPtr& model : models_) {
            sum += model->tensor(tensor).view(-1).narrow(0, begin, count);
        }
        flat.narrow(0, begin, count).copy_(sum / static_cast<double>(models_.size()));
    }
    return result;
}

void MergedModels::release(const std::string& tensor) const {
    for (const CheckpointPtr& model : models_) {
        release_pages(model->bytes(model->tensors().at(tensor)));
    }
}

Json MergedModels::lineage() const {
    Json all = Json::array();
    for (const CheckpointPtr& model : models_) {
        all.push_back({{"source", content_id(*model)}, {"source_name", model->name()}});
    }
    return all;
}

}  // namespace alluvium
