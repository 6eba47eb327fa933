#include "model/families/check_tensors.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/fp8.h"

namespace alluvium {
namespace {

bool computable(const DType& dtype) {
    return dtype.torch_type == at::kFloat || dtype.torch_type == at::kHalf ||
           dtype.torch_type == at::kBFloat16;
}

std::string tensor_in(const Checkpoint& checkpoint, const std::string& name) {
    std::string text("'");
    return text.append(checkpoint.folder().string()).append("': tensor '").append(name).append("'");
}

void check_tensor(const Checkpoint& checkpoint, const WeightSpec& weight) {
    const std::string where = tensor_in(checkpoint, weight.tensor);
    const auto found = checkpoint.tensors().find(weight.tensor);
    if (found == checkpoint.tensors().end()) {
        throw UserError(where + " is missing, expected shape " + shape_text(weight.shape),
                        "the checkpoint is incomplete or config.json belongs to another model");
    }
    const TensorInfo& info = found->second;
    if (info.dtype == nullptr) return;  // known by name only
    if (info.shape != weight.shape) {
        throw UserError(where + " has shape " + shape_text(info.shape) + ", expected " +
                            shape_text(weight.shape),
                        "config.json and the tensors do not belong together");
    }
    if (weight.encoding != WeightEncoding::plain) {
        if (info.dtype->torch_type == at::kByte) return;
        throw UserError(where + " is " + std::string(info.dtype->name) +
                        ", expected U8, as MXFP4 is stored");
    }
    if (!computable(*info.dtype) && fp8_scales(checkpoint, weight.tensor).empty()) {
        throw UserError(where + " is " + std::string(info.dtype->name) +
                            ", expected F32, F16, BF16, or F8_E4M3 with '" + weight.tensor +
                            "_scale_inv' beside it",
                        "use the checkpoint that this one was quantised from");
    }
}

}  // namespace

void check_tensors(const Checkpoint& checkpoint, const ModelSpec& spec) {
    std::set<std::string> known(spec.unused.begin(), spec.unused.end());
    for (const WeightSpec& weight : needed_tensors(spec)) {
        check_tensor(checkpoint, weight);
        known.insert(weight.tensor);
        known.insert(fp8_scales(checkpoint, weight.tensor));
    }
    for (const auto& [name, info] : checkpoint.tensors()) {
        if (known.contains(name)) continue;
        throw UserError(tensor_in(checkpoint, name) +
                            (info.dtype == nullptr ? "" : " " + shape_text(info.shape)) +
                            " is left over: family '" + spec.family +
                            "' with this config.json has no place for it",
                        "config.json and the tensors do not belong together");
    }
}

}  // namespace alluvium
