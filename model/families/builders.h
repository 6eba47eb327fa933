#pragma once
// One builder per family; what families of one lineage share is in a header of its own.
#include "model/families/model_spec.h"

namespace alluvium {

class Checkpoint;

ModelSpec olmoe_spec(const Checkpoint& checkpoint);
ModelSpec qwen2_moe_spec(const Checkpoint& checkpoint);
ModelSpec qwen2_spec(const Checkpoint& checkpoint);
ModelSpec upcycling_qwen2_moe_spec(const Checkpoint& checkpoint);

}  // namespace alluvium
