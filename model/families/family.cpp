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
    Family{"deepseek_v2", deepseek_v2_spec},
    Family{"deepseek_v3", deepseek_v3_spec},
    Family{"dots1", dots1_spec},
    Family{"ernie4_5_moe", ernie4_5_moe_spec},
    Family{"gemma", gemma_spec},
    Family{"gemma2", gemma2_spec},
    Family{"glm4_moe", glm4_moe_spec},
    Family{"glm4_moe_lite", deepseek_v3_spec},
    Family{"gpt_oss", gpt_oss_spec},
    Family{"granitemoe", granitemoe_spec},
    Family{"kimi_k2", deepseek_v3_spec},
    Family{"llama", llama_spec},
    Family{"llama4", llama4_spec},
    Family{"llama4_text", llama4_spec},
    Family{"minimax_m2", minimax_m2_spec},
    Family{"mistral", mistral_spec},
    Family{"mixtral", mixtral_spec},
    Family{"olmoe", olmoe_spec},
    Family{"phi", phi_spec},
    Family{"phimoe", phimoe_spec},
    Family{"qwen2", qwen2_spec},
    Family{"qwen2_moe", qwen2_moe_spec},
    Family{"qwen3", qwen3_spec},
    Family{"qwen3_5_moe", qwen3_5_moe_spec},
    Family{"qwen3_5_moe_text", qwen3_5_moe_spec},
    Family{"qwen3_moe", qwen3_moe_spec},
    Family{"qwen3_next", qwen3_next_spec},
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
