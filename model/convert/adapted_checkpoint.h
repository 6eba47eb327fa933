#pragma once
#include <filesystem>

#include "model/checkpoint/checkpoint.h"
#include "model/convert/lora_adapter.h"

namespace alluvium {

// The checkpoint with a LoRA adapter merged into its tensors when they are read: tensor by tensor
// what convert() writes, and a config whose lineage says so. The content id is one of its own, made
// of the base's and the adapter's. Errors as Checkpoint and LoraAdapter have.
CheckpointPtr open_adapted(const std::filesystem::path& folder,
                           const std::filesystem::path& adapter);

// Says in the config's lineage what was merged into what; `source`: the base's content id, or
// empty.
void add_merge_step(Json& config, const std::filesystem::path& folder, const LoraAdapter& adapter,
                    const std::string& source);

}  // namespace alluvium
