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
    Family{"deepseek_v32", deepseek_v32_spec},
    Family{"dots1", dots1_spec},
    Family{"ernie4_5_moe", ernie4_5_moe_spec},
    Family{"exaone_moe", exaone_moe_spec},
    Family{"flex_olmo", flex_olmo_spec},
    Family{"gemma", gemma_spec},
    Family{"gemma2", gemma2_spec},
    Family{"glm4_moe", glm4_moe_spec},
    Family{"glm4_moe_lite", deepseek_v3_spec},
    Family{"glm_moe_dsa", deepseek_v32_spec},
    Family{"gpt_oss", gpt_oss_spec},
    Family{"granitemoe", granitemoe_spec},
    Family{"granitemoehybrid", granitemoehybrid_spec},
    Family{"granitemoeshared", granitemoe_spec},
    Family{"hunyuan_v1_moe", hunyuan_v1_moe_spec},
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
    Family{"solar_open", solar_open_spec},
    Family{"upcycling-qwen2-moe", upcycling_qwen2_moe_spec},
};

// Known families that have a part which is not computed.
struct MissingPart {
    std::string_view model_type;
    std::string_view part;
};
constexpr std::array kMissing = {
    MissingPart{"bailing_hybrid", "linear attention"},
    MissingPart{"dbrx", "experts side by side in one matrix, transposed"},
    MissingPart{"deepseek_v4", "compressed attention and hyper-connections"},
    MissingPart{"gemma4", "feed-forward parts beside the experts and inputs of every layer's own"},
    MissingPart{"gemma4_text",
                "feed-forward parts beside the experts and inputs of every layer's own"},
    MissingPart{"jamba", "layers of Mamba"},
    MissingPart{"jetmoe", "attention heads that are chosen by a router"},
    MissingPart{"kimi_linear", "delta rules that fade every channel by itself"},
    MissingPart{"lfm2_moe", "short convolutions in the place of attention"},
    MissingPart{"minimax", "lightning attention"},
    MissingPart{"nemotron_h", "layers of Mamba"},
};

[[noreturn]] void refuse_family(const std::string& source, const std::string& model_type) {
    std::string supported;
    for (const Family& family : kFamilies) {
        supported += (supported.empty() ? "" : ", ") + std::string(family.model_type);
    }
    const auto missing = std::ranges::find(kMissing, model_type, &MissingPart::model_type);
    const std::string why =
        missing == kMissing.end() ? "" : ": it has " + std::string(missing->part);
    throw UserError("'" + source + "': model family '" + model_type + "' is not supported" + why,
                    "supported: " + supported);
}

}  // namespace

std::span<const Family> families() {
    return kFamilies;
}

ModelSpec described_spec(const Checkpoint& checkpoint) {
    const ConfigReader config(checkpoint);
    const std::string model_type = config.text("model_type");
    const auto found = std::ranges::find(kFamilies, model_type, &Family::model_type);
    if (found == kFamilies.end()) refuse_family(config.source(), model_type);
    return found->build(checkpoint);
}

ModelSpec model_spec(const Checkpoint& checkpoint) {
    ModelSpec spec = described_spec(checkpoint);
    check_tensors(checkpoint, spec);
    return spec;
}

}  // namespace alluvium
