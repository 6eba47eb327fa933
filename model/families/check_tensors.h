#pragma once
#include <span>

#include "model/families/model_spec.h"

namespace alluvium {

class Checkpoint;

// UserError naming tensor, shape and expected shape where a tensor that the spec needs is missing,
// has another shape or a type that cannot be computed with, or where one is left over.
void check_tensors(const Checkpoint& checkpoint, const ModelSpec& spec);

}  // namespace alluvium
