#pragma once
// One builder per family; what families of one lineage share is in a header of its own.
#include "model/families/model_spec.h"

namespace alluvium {

class Checkpoint;

ModelSpec deepseek_v2_spec(const Checkpoint& checkpoint);
ModelSpec deepseek_v3_spec(const Checkpoint& checkpoint);
ModelSpec deepseek_v32_spec(const Checkpoint& checkpoint);
ModelSpec dots1_spec(const Checkpoint& checkpoint);
ModelSpec ernie4_5_moe_spec(const Checkpoint& checkpoint);
ModelSpec exaone_moe_spec(const Checkpoint& checkpoint);
ModelSpec flex_olmo_spec(const Checkpoint& checkpoint);
ModelSpec gemma_spec(const Checkpoint& checkpoint);
ModelSpec gemma2_spec(const Checkpoint& checkpoint);
ModelSpec glm4_moe_spec(const Checkpoint& checkpoint);
ModelSpec gpt_oss_spec(const Checkpoint& checkpoint);
ModelSpec granitemoe_spec(const Checkpoint& checkpoint);
ModelSpec granitemoehybrid_spec(const Checkpoint& checkpoint);
ModelSpec hunyuan_v1_moe_spec(const Checkpoint& checkpoint);
ModelSpec llama4_spec(const Checkpoint& checkpoint);
ModelSpec llama_spec(const Checkpoint& checkpoint);
ModelSpec minimax_m2_spec(const Checkpoint& checkpoint);
ModelSpec mistral_spec(const Checkpoint& checkpoint);
ModelSpec mixtral_spec(const Checkpoint& checkpoint);
ModelSpec olmoe_spec(const Checkpoint& checkpoint);
ModelSpec phi_spec(const Checkpoint& checkpoint);
ModelSpec phimoe_spec(const Checkpoint& checkpoint);
ModelSpec qwen2_moe_spec(const Checkpoint& checkpoint);
ModelSpec qwen2_spec(const Checkpoint& checkpoint);
ModelSpec qwen3_5_moe_spec(const Checkpoint& checkpoint);
ModelSpec qwen3_moe_spec(const Checkpoint& checkpoint);
ModelSpec qwen3_next_spec(const Checkpoint& checkpoint);
ModelSpec qwen3_spec(const Checkpoint& checkpoint);
ModelSpec solar_open_spec(const Checkpoint& checkpoint);
ModelSpec upcycling_qwen2_moe_spec(const Checkpoint& checkpoint);

}  // namespace alluvium
