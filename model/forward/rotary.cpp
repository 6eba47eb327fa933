#include "model/forward/rotary.h"

#include <ATen/ATen.h>

namespace alluvium {
namespace {

at::Tensor positions(const TokenBatch& batch) {
    at::Tensor out = at::empty({batch.tokens()}, at::kFloat);
    auto* position = out.mutable_data_ptr<float>();
    for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
        for (std::int64_t row = batch.begin(prompt); row < batch.end(prompt); ++row) {
            position[row] = static_cast<float>(row - batch.begin(prompt));
        }
    }
    return out;
}

}  // namespace

RotaryTable rotary_table(const RotarySpec& spec, std::int64_t head_dim, const TokenBatch& batch,
                         at::Device device) {
    // In f32 like the reference: at position 4,000 the rounding of a frequency is already visible.
    const at::Tensor exponent =
        at::arange(0, head_dim, 2, at::kFloat) / static_cast<double>(head_dim);
    const at::Tensor frequency = at::reciprocal(at::pow(at::Scalar(spec.theta), exponent));
    const at::Tensor angle = at::outer(positions(batch), frequency);
    return {angle.cos().to(device), angle.sin().to(device)};
}

}  // namespace alluvium
