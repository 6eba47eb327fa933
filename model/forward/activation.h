#pragma once
#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"

namespace alluvium {

// What goes into a feed-forward part's last product, from gate(x) and up(x) of any equal shapes;
// `up` is undefined where the part is not gated.
at::Tensor activate(const at::Tensor& gate, const at::Tensor& up, const FeedForwardSpec& spec);

}  // namespace alluvium
