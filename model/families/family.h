#pragma once
// From a checkpoint to a ModelSpec. To add a family: one file with its builder, one line in the
// table of family.cpp; docs/families.md walks through it.
#include <span>
#include <string>
#include <string_view>

#include "model/families/model_spec.h"

namespace alluvium {

class Checkpoint;

struct Family {
    std::string_view model_type;                       // as config.json says
    ModelSpec (*build)(const Checkpoint& checkpoint);  // UserError on what it cannot compute
};

std::span<const Family> families();

// The checkpoint's model, from its config and its tensors: a layer is routed where a router's
// tensor exists, whatever the config promises. UserError where the family, activation, rotary
// scaling or quantisation is none of those supported (which are listed), and where a tensor is
// missing, left over, or has another shape than expected (naming the tensor and both shapes).
ModelSpec model_spec(const Checkpoint& checkpoint);

// The same without checking the tensors: the model that a config describes. Where no tensors are
// known, layers are routed as the config promises.
ModelSpec described_spec(const Checkpoint& checkpoint);

}  // namespace alluvium
