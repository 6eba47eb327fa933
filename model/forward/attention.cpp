#include "model/forward/attention.h"

#include "model/forward/attention_rows.h"

namespace alluvium {

at::Tensor attend(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
                  const AttentionContext& context) {
    const AttentionRows rows = project(x, spec, weights, context);
    return context.arithmetic.linear(mix_values(rows, spec, weights, context.batch),
                                     weights.output);
}

}  // namespace alluvium
