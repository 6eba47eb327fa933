#include "model/families/family.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"
#include "model/families/builders.h"
#include "model/families/check_tensors.h"

namespace alluvium {
namespace {

constexpr std::array kFamilies = {
    Family{"olmoe", olmoe_spec},
    Family{"qwen2", qwen2_spec},
    Family{"qwen2_moe", qwen2_moe_spec},
    Family{"upcycling-qwen2-moe", upcycling_qwen2_moe_spec},
};

}  // namespace

std::span<const Family> families() {
    return kFamilies;
}

ModelSpec described_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const std::string model_type = config.text("model_type");
    const auto found = std::ranges::find(kFamilies, model_type, &Family::model_type);
    if (found == kFamilies.end()) {
        std::string supported;
        for (const Family& family : kFamilies) {
            supported += (supported.empty() ? "" : ", ") + std::string(family.model_type);
        }
        throw UserError(
            "'" + config.source() + "': model family '" + model_type + "' is not supported",
            "supported: " + supported);
    }
    return found->build(checkpoint);
}

ModelSpec model_spec(const Checkpoint& checkpoint) {
    ModelSpec spec = described_spec(checkpoint);
    check_tensors(checkpoint, spec);
    return spec;
}

}  // namespace alluvium
