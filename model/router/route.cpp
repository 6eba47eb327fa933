#include "model/router/route.h"

#include <c10/util/Exception.h>

#include "base/error.h"
#include "model/kernels/cpu/route_cpu.h"
#include "model/kernels/cuda_kernels.h"

namespace alluvium {

namespace {

void check_arguments(const at::Tensor& logits, const RouterSpec& spec,
                     const at::Tensor& choice_bias) {
    TORCH_CHECK(logits.dim() == 2 && logits.size(1) == spec.experts && logits.is_contiguous() &&
                    logits.scalar_type() == at::kFloat,
                "route: logits have to be contiguous f32 [tokens, ", spec.experts, "]");
    TORCH_CHECK(choice_bias.defined() == spec.choice_bias,
                "route: a bias for the choice is given exactly where the rule has one");
    if (!choice_bias.defined()) return;
    TORCH_CHECK(choice_bias.dim() == 1 && choice_bias.size(0) == spec.experts &&
                    choice_bias.is_contiguous() && choice_bias.scalar_type() == at::kFloat &&
                    choice_bias.device() == logits.device(),
                "route: the bias has to be contiguous f32 [", spec.experts,
                "] on the device of the logits");
}

}  // namespace

Routing route(const at::Tensor& logits, const RouterSpec& spec, const at::Tensor& choice_bias) {
    check_spec(spec);
    check_arguments(logits, spec, choice_bias);
    if (logits.device().is_cpu()) return route_cpu(logits, spec, choice_bias);
    if (logits.device().is_cuda()) return cuda_kernels().route(logits, spec, choice_bias);
    throw RunError("the router has no kernel for the device " + logits.device().str());
}

}  // namespace alluvium
