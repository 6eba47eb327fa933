#include "model/convert/lora_adapter.h"

#include <array>
#include <cmath>
#include <regex>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/checkpoint/sha256.h"
#include "model/checkpoint/shard_file.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "adapter_config.json";
constexpr const char* kWeights = "adapter_model.safetensors";
constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::string_view kSaved = ".modules_to_save";

fs::path existing(const fs::path& folder, const char* name) {
    if (fs::exists(folder / name)) return folder / name;
    const bool pickled = fs::exists(folder / "adapter_model.bin");
    throw UserError("'" + folder.string() + "' has no " + name,
                    pickled ? "adapter_model.bin is a pickle: save the adapter as safetensors"
                            : "give the folder of a PEFT adapter");
}

// What changes the formula, and is not read.
void check_kind(const Json& config, const std::string& source) {
    const auto refuse = [&](const std::string& what) {
        throw UserError("'" + source + "': " + what + " cannot be merged",
                        "only plain LoRA adapters are read");
    };
    if (!config.is_object()) refuse("what is no adapter");
    const std::string type = config.value("peft_type", "none");
    if (type != "LORA") refuse("an adapter of the type '" + type + "'");
    for (const char* key : {"use_dora", "lora_bias", "use_bdlora", "use_qalora"}) {
        const Json value = config.value(key, Json(nullptr));
        if (value == true || value.is_object())
            refuse("an adapter with '" + std::string(key) + "'");
    }
    for (const char* key : {"r", "lora_alpha"}) {
        if (!config.value(key, Json(nullptr)).is_number()) {
            refuse("an adapter without a number '" + std::string(key) + "'");
        }
    }
}

// In the library's modules experts are "mlp" for families whose files say "block_sparse_moe".
std::string name_in(const LoraAdapter::Base& base, const std::string& tensor) {
    constexpr std::string_view kModule = ".mlp.", kFile = ".block_sparse_moe.";
    const std::size_t at = tensor.find(kModule);
    if (base.contains(tensor) || at == std::string::npos) return tensor;
    std::string other = tensor;
    other.replace(at, kModule.size(), kFile);
    return base.contains(other) ? other : tensor;
}

std::string without_ending(const std::string& text, std::string_view ending) {
    return text.substr(0, text.size() - ending.size());
}

}  // namespace

LoraAdapter::LoraAdapter(const fs::path& folder, const Base& base)
    : folder_(folder),
      config_(read_json(existing(folder, kConfig))),
      file_(ShardFile::open(existing(folder, kWeights))),
      table_(read_safetensors_header(file_->bytes(), (folder / kWeights).string(), 0)) {
    check_kind(config_, (folder / kConfig).string());
    for (const auto& [key, info] : table_) {
        constexpr std::string_view kLow = ".lora_A.weight", kHigh = ".lora_B.weight";
        constexpr std::string_view kLowEmbedding = ".lora_embedding_A";
        std::string module = key.starts_with(kPrefix) ? key.substr(kPrefix.size()) : key;
        if (key.ends_with(kLow)) {
            module = without_ending(module, kLow);
            add_low_rank(module, key, without_ending(key, kLow) + std::string(kHigh), base);
        } else if (key.ends_with(kLowEmbedding)) {
            add_embedding(without_ending(module, kLowEmbedding), base);
        } else if (key.find(".lora_") == std::string::npos) {
            const std::size_t saved = module.find(kSaved);
            if (saved != std::string::npos) module.erase(saved, kSaved.size());
            add_whole(key, module, base);
        } else if (!key.ends_with(kHigh) && !key.ends_with(".lora_embedding_B")) {
            refuse(key, "is of a kind that cannot be merged");
        }
    }
    if (changes_.empty()) {
        throw UserError("'" + folder.string() + "' changes no tensor", "give another adapter");
    }
    require_floats(base);
}

// A sum would have to be quantised again, and its scales with it.
void LoraAdapter::require_floats(const Base& base) const {
    for (const auto& [tensor, change] : changes_) {
        const std::string& dtype = base.at(tensor).dtype;
        if (dtype == "F32" || dtype == "F16" || dtype == "BF16" || dtype == "F64") continue;
        throw UserError("'" + folder_.string() + "': tensor '" + change.high + "' changes '" +
                            tensor + "', which the base stores as " + dtype,
                        "merge it into the checkpoint that the base was quantised from");
    }
}

void LoraAdapter::refuse(const std::string& key, const std::string& why) const {
    throw UserError("'" + folder_.string() + "': tensor '" + key + "' " + why,
                    "give the base that the adapter was trained on");
}

const std::vector<std::int64_t>& LoraAdapter::shape(const std::string& key) const {
    const auto found = table_.find(key);
    if (found == table_.end()) refuse(key, "is missing");
    return found->second.shape;
}

// As in PEFT, a pattern is a regular expression for the end of a module's name.
double LoraAdapter::scale_of(const std::string& module, std::int64_t rank) const {
    double alpha = config_.at("lora_alpha").get<double>();
    const Json patterns = config_.value("alpha_pattern", Json::object());
    for (const auto& [pattern, value] : patterns.items()) {
        try {
            const std::regex ending("(.*\\.)?(" + pattern + ")");
            if (value.is_number() && std::regex_match(module, ending)) alpha = value.get<double>();
        } catch (const std::regex_error&) {
            refuse(module, "belongs to no readable alpha_pattern ('" + pattern + "')");
        }
    }
    const bool root = config_.value("use_rslora", false);
    return alpha / (root ? std::sqrt(static_cast<double>(rank)) : static_cast<double>(rank));
}

void LoraAdapter::add_low_rank(const std::string& module, const std::string& low,
                               const std::string& high, const Base& base) {
    const std::vector<std::int64_t>& a = shape(low);
    const std::vector<std::int64_t>& b = shape(high);
    if (a.size() != 2 || b.size() != 2 || a[0] != b[1] || a[0] < 1) {
        refuse(low, "has shape " + shape_text(a) + ", '" + high + "' has " + shape_text(b) +
                        ": their product is no matrix");
    }
    const auto found = base.find(name_in(base, module + ".weight"));
    if (found == base.end() || found->second.shape.size() != 2) {
        return add_to_experts(module, low, high, base);
    }
    const bool transposed = config_.value("fan_in_fan_out", false);
    std::vector<std::int64_t> wanted = {b[0], a[1]};
    if (transposed) std::swap(wanted[0], wanted[1]);
    if (found->second.shape != wanted) {
        refuse(low, "belongs to a matrix " + shape_text(wanted) + ", '" + found->first + "' is " +
                        shape_text(found->second.shape));
    }
    changes_[found->first] = {
        .low = low, .high = high, .scale = scale_of(module, a[0]), .transposed = transposed};
}

void LoraAdapter::add_to_experts(const std::string& module, const std::string& low,
                                 const std::string& high, const Base& base) {
    // The library wraps a module once for each tensor of it that is changed.
    std::string experts = module;
    while (experts.ends_with(".base_layer")) experts = without_ending(experts, ".base_layer");
    const Change change{.low = low, .high = high};
    if (add_to_numbered_experts(experts, change, base)) return;
    if (add_to_fused_experts(experts, change, base)) return;
    refuse(low, "fits no tensor of the base");
}

// experts.N.gate_proj, up_proj and down_proj; gate and up are one tensor in the library.
bool LoraAdapter::add_to_numbered_experts(const std::string& experts, Change change,
                                          const Base& base) {
    using Names = std::array<std::string, 3>;  // gate, up, down
    for (const Names& names :
         {Names{"gate_proj", "up_proj", "down_proj"}, Names{"w1", "w3", "w2"}}) {
        const auto tensor = [&](std::int64_t expert, const std::string& name) {
            return name_in(base, experts + "." + std::to_string(expert) + "." + name + ".weight");
        };
        while (base.contains(tensor(change.experts - 1, names[0]))) ++change.experts;
        if (--change.experts == 0) {
            change.experts = 1;
            continue;
        }
        const std::vector<std::int64_t>& gate = base.at(tensor(0, names[0])).shape;
        const std::int64_t width = gate.at(0), hidden = gate.at(1);
        const std::int64_t in = shape(change.low)[1], out = shape(change.high)[0];
        const std::int64_t ranks = shape(change.low)[0];
        if (ranks % change.experts != 0) return false;
        change.scale = scale_of(experts, ranks / change.experts);
        const bool both = in == hidden && out == 2 * width;
        if (!both && !(in == width && out == hidden)) return false;
        for (change.expert = 0; change.expert < change.experts; ++change.expert) {
            if (!both) {
                changes_[tensor(change.expert, names[2])] = change;
                continue;
            }
            change.rows = width;
            change.first_row = 0;
            changes_[tensor(change.expert, names[0])] = change;
            change.first_row = width;
            changes_[tensor(change.expert, names[1])] = change;
        }
        return true;
    }
    return false;
}

// One tensor [E, out, in] or [E, in, out].
bool LoraAdapter::add_to_fused_experts(const std::string& experts, Change change,
                                       const Base& base) {
    const std::int64_t in = shape(change.low)[1], out = shape(change.high)[0];
    const std::int64_t ranks = shape(change.low)[0];
    for (const char* ending : {".weight", ".gate_up_proj", ".down_proj"}) {
        const auto found = base.find(name_in(base, experts + ending));
        if (found == base.end() || found->second.shape.size() != 3) continue;
        const std::vector<std::int64_t>& whole = found->second.shape;
        const bool straight = whole[1] == out && whole[2] == in;
        const bool turned = whole[1] == in && whole[2] == out;
        if ((!straight && !turned) || ranks % whole[0] != 0) continue;
        if (straight && turned && in == out) {
            refuse(change.low, "fits '" + found->first + "' in two ways");
        }
        change.experts = whole[0];
        change.scale = scale_of(experts, ranks / change.experts);
        change.transposed = turned;
        changes_[found->first] = change;
        return true;
    }
    return false;
}

// [r, V] and [H, r]: the embedding is the transpose of their product.
void LoraAdapter::add_embedding(const std::string& module, const Base& base) {
    const std::string stem = std::string(kPrefix) + module;
    const std::string low = stem + ".lora_embedding_A", high = stem + ".lora_embedding_B";
    const std::vector<std::int64_t>& a = shape(low);
    const std::vector<std::int64_t>& b = shape(high);
    const auto found = base.find(module + ".weight");
    const bool fits = a.size() == 2 && b.size() == 2 && a[0] == b[1] && found != base.end() &&
                      found->second.shape == std::vector<std::int64_t>{a[1], b[0]};
    if (!fits) refuse(low, "fits no tensor of the base");
    changes_[found->first] = {
        .low = low, .high = high, .scale = scale_of(module, a[0]), .transposed = true};
}

void LoraAdapter::add_whole(const std::string& key, const std::string& tensor, const Base& base) {
    const auto found = base.find(name_in(base, tensor));
    if (found == base.end()) refuse(key, "fits no tensor of the base");
    if (found->second.shape != shape(key)) {
        refuse(key, "has shape " + shape_text(shape(key)) + ", the base's " +
                        shape_text(found->second.shape));
    }
    changes_[found->first] = {.low = {}, .high = key};
}

at::Tensor LoraAdapter::load(const std::string& key) const {
    const TensorInfo& info = table_.at(key);
    if (!info.dtype->torch_type) refuse(key, "is " + std::string(info.dtype->name));
    auto* data = const_cast<std::byte*>(file_->bytes().data()) + info.offset;
    return at::from_blob(
        data, info.shape, [keep = file_](void*) {}, at::TensorOptions(*info.dtype->torch_type));
}

// B A of one matrix, or of all experts [E, ., .]. PEFT counts the columns of A by expert, then
// rank, those of B by rank, then expert.
at::Tensor LoraAdapter::product(const Change& change) const {
    at::Tensor low = load(change.low).to(at::kFloat);
    at::Tensor high = load(change.high).to(at::kFloat);
    if (change.experts > 1) {
        low = low.view({change.experts, -1, low.size(1)});
        high = high.view({high.size(0), -1, change.experts}).permute({2, 0, 1});
        if (change.expert >= 0) {
            low = low[change.expert];
            high = high[change.expert];
        }
    }
    at::Tensor result = at::matmul(high, low) * change.scale;
    if (change.rows >= 0) result = result.narrow(0, change.first_row, change.rows);
    return change.transposed ? result.transpose(-1, -2) : result;
}

at::Tensor LoraAdapter::merged(const std::string& tensor, const at::Tensor& stored) const {
    const auto found = changes_.find(tensor);
    if (found == changes_.end()) return stored;
    if (found->second.low.empty()) return load(found->second.high).to(stored.scalar_type());
    const at::Tensor sum = stored.to(at::kFloat) + product(found->second).view(stored.sizes());
    return sum.to(stored.scalar_type());
}

std::string LoraAdapter::id() const {
    Sha256 hash;
    hash.add(config_.dump());
    hash.add(file_->bytes());
    return hash.hex();
}

std::string LoraAdapter::name() const {
    return fs::weakly_canonical(folder_).filename().string();
}

}  // namespace alluvium
