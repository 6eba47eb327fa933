#include "model/kernels/cpu/route_cpu.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "model/kernels/cpu/route_row.h"

namespace alluvium {

namespace {

// Tokens that one thread takes at least: a row of a few dozen experts costs about a microsecond,
// less than handing it to another thread.
constexpr std::int64_t tokens_per_task = 16;

std::span<const float> row(const float* data, std::int64_t index, std::int64_t width) {
    return {data + index * width, static_cast<std::size_t>(width)};
}

void count_choices(const Routing& routing) {
    const std::int32_t* experts = routing.experts.const_data_ptr<std::int32_t>();
    auto* counts = routing.counts.mutable_data_ptr<std::int32_t>();
    for (std::int64_t i = 0; i < routing.experts.numel(); ++i) ++counts[experts[i]];

    const float* margin = routing.margin.const_data_ptr<float>();
    auto* ties = routing.ties.mutable_data_ptr<std::int32_t>();
    for (std::int64_t t = 0; t < routing.margin.numel(); ++t) *ties += margin[t] == 0.0F ? 1 : 0;
}

}  // namespace

Routing route_cpu(const at::Tensor& logits, const RouterSpec& spec, const at::Tensor& choice_bias) {
    const std::int64_t tokens = logits.size(0);
    const std::int64_t k = spec.top_k;
    Routing routing{
        .experts = at::empty({tokens, k}, at::kInt),
        .weights = at::empty({tokens, k}, at::kFloat),
        .margin = at::empty({tokens}, at::kFloat),
        .counts = at::zeros({spec.experts}, at::kInt),
        .ties = at::zeros({}, at::kInt),
    };
    std::span<const float> bias;
    if (choice_bias.defined()) bias = row(choice_bias.const_data_ptr<float>(), 0, spec.experts);

    const float* in = logits.const_data_ptr<float>();
    auto* experts = routing.experts.mutable_data_ptr<std::int32_t>();
    auto* weights = routing.weights.mutable_data_ptr<float>();
    auto* margin = routing.margin.mutable_data_ptr<float>();
    const auto top_k = static_cast<std::size_t>(k);
    at::parallel_for(0, tokens, tokens_per_task, [&](std::int64_t begin, std::int64_t end) {
        RowRouter router(spec, bias);
        for (std::int64_t t = begin; t < end; ++t) {
            margin[t] = router.route(row(in, t, spec.experts), {experts + t * k, top_k},
                                     {weights + t * k, top_k});
        }
    });
    count_choices(routing);
    return routing;
}

}  // namespace alluvium
