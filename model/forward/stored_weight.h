#pragma once
#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"

namespace alluvium {

class Checkpoint;

// Whether the weight is stored in a code that no computation reads: MXFP4, block-scaled FP8.
bool is_encoded(const Checkpoint& checkpoint, const WeightSpec& spec);

// The weight that the spec means, decoded, on the CPU: where nothing has to be decoded a view over
// the mapped file, whose rows need not lie side by side.
at::Tensor stored_weight(const Checkpoint& checkpoint, const WeightSpec& spec);

}  // namespace alluvium
