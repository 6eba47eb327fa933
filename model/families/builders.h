#pragma once
// One builder per family, and what families of one lineage share.
#include "model/families/model_spec.h"

namespace alluvium {

class Checkpoint;
class ConfigReader;
struct DecoderSizes;

ModelSpec olmoe_spec(const Checkpoint& checkpoint);
ModelSpec qwen2_moe_spec(const Checkpoint& checkpoint);
ModelSpec qwen2_spec(const Checkpoint& checkpoint);
ModelSpec upcycling_qwen2_moe_spec(const Checkpoint& checkpoint);

// Everything of a Qwen2 layer but the feed-forward part.
LayerSpec qwen2_attention_part(const ConfigReader& config, const DecoderSizes& sizes,
                               LayerId layer);

}  // namespace alluvium
