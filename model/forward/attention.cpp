#include "model/forward/attention.h"

#include "model/forward/attention_rows.h"

namespace alluvium {

at::Tensor attend(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
                  const AttentionContext& context) {
    const AttentionRows rows = project(x, spec, weights, context);
    const at::Tensor mixed =
        context.memory.prompts.empty()
            ? mix_values(rows, spec, weights, context.batch)
            : mix_remembered(rows, spec, weights, context.batch, context.memory);
    return context.arithmetic.linear(mixed, weights.output);
}

}  // namespace alluvium
