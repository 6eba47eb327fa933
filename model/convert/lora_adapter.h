#pragma once
// A LoRA adapter (arXiv 2106.09685) as the PEFT library saves it: adapter_config.json and
// adapter_model.safetensors with two small matrices for each changed one,
//
//     W + scale * B A,    scale = lora_alpha / r, or lora_alpha / sqrt(r) with use_rslora,
//
// modules that were trained whole, and, for experts that the library holds in one tensor, the
// matrices of all experts side by side.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/json.h"
#include "model/checkpoint/checkpoint.h"

namespace alluvium {

class LoraAdapter final : public TensorChanges {
  public:
    struct BaseTensor {
        std::vector<std::int64_t> shape;
        std::string dtype;  // as safetensors calls it
    };
    using Base = std::map<std::string, BaseTensor>;  // the base's tensors

    // UserError naming the folder, file or key where it is no LoRA adapter or one of a kind that
    // cannot be merged (DoRA, adapter biases), and naming the tensor where one fits no tensor of
    // the base, or one that is quantised.
    LoraAdapter(const std::filesystem::path& folder, const Base& base);

    bool changes(const std::string& tensor) const override { return changes_.contains(tensor); }
    std::size_t changed() const { return changes_.size(); }
    // Summed in f32, in the type of the base.
    at::Tensor merged(const std::string& tensor, const at::Tensor& stored) const override;

    std::string id() const override;    // SHA-256 of both files
    std::string name() const override;  // the folder's own name

  private:
    struct Change {
        std::string low, high;  // A and B; low empty: `high` takes the tensor's place
        double scale = 1;
        bool transposed = false;
        std::int64_t experts = 1, expert = -1;  // expert -1: of all, in a tensor [E, ., .]
        std::int64_t first_row = 0, rows = -1;  // of B A; -1: all
    };

    void add_low_rank(const std::string& module, const std::string& low, const std::string& high,
                      const Base& base);
    void add_to_experts(const std::string& module, const std::string& low, const std::string& high,
                        const Base& base);
    bool add_to_numbered_experts(const std::string& experts, Change change, const Base& base);
    bool add_to_fused_experts(const std::string& experts, Change change, const Base& base);
    void add_embedding(const std::string& module, const Base& base);
    void add_whole(const std::string& key, const std::string& tensor, const Base& base);
    at::Tensor product(const Change& change) const;
    void require_floats(const Base& base) const;
    double scale_of(const std::string& module, std::int64_t rank) const;
    const std::vector<std::int64_t>& shape(const std::string& key) const;
    at::Tensor load(const std::string& key) const;
    [[noreturn]] void refuse(const std::string& key, const std::string& why) const;

    std::filesystem::path folder_;
    Json config_;
    std::shared_ptr<const ShardFile> file_;
    TensorTable table_;
    std::map<std::string, Change> changes_;  // by the base's tensor
};

}  // namespace alluvium
