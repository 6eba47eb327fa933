#include "model/forward/attention.h"

#include <ATen/ATen.h>

#include "model/forward/attention_rows.h"
#include "model/forward/delta_rule.h"

namespace alluvium {

at::Tensor attend(const at::Tensor& x, const AttentionSpec& spec, const AttentionWeights& weights,
                  const AttentionContext& context) {
    if (spec.delta) {
        const at::Tensor read = delta_rule(x, *spec.delta, *weights.delta, context);
        return context.arithmetic.linear(read, weights.output);
    }
    const AttentionRows rows = project(x, spec, weights, context);
    at::Tensor mixed = context.memory.prompts.empty()
                           ? mix_values(rows, spec, weights, context.batch)
                           : mix_remembered(rows, spec, weights, context.batch, context.memory);
    if (weights.gate) {
        const at::Tensor gate = context.arithmetic.linear(x, *weights.gate);
        mixed =
            mixed * by_prompt(context.batch, gate, [](const at::Tensor& t) { return t.sigmoid(); });
    }
    return context.arithmetic.linear(mixed, weights.output);
}

}  // namespace alluvium
