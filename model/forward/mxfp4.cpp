#include "model/forward/mxfp4.h"

#include <array>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace alluvium {
namespace {

// E2M1: sign, two bits of exponent, one of fraction.
constexpr std::array<float, 16> kNumbers = {0.0F,  0.5F,  1.0F,  1.5F,  2.0F,  3.0F,  4.0F,  6.0F,
                                            -0.0F, -0.5F, -1.0F, -1.5F, -2.0F, -3.0F, -4.0F, -6.0F};
constexpr int kExponentBias = 127;
constexpr std::int64_t kBytes = 16;           // of a block
constexpr std::int64_t kBlocksPerTask = 512;  // worth a thread

}  // namespace

at::Tensor decode_mxfp4(const at::Tensor& blocks, const at::Tensor& scales) {
    const at::Tensor codes = blocks.contiguous();
    const at::Tensor exponents = scales.contiguous();
    const std::int64_t count = exponents.numel();
    TORCH_CHECK(codes.numel() == count * kBytes, "decode_mxfp4: every block has one scale");
    at::Tensor out = at::empty({codes.size(0), codes.size(1) * 2 * kBytes}, at::kFloat);
    const auto* code = codes.const_data_ptr<std::uint8_t>();
    const auto* exponent = exponents.const_data_ptr<std::uint8_t>();
    auto* number = out.mutable_data_ptr<float>();
    at::parallel_for(0, count, kBlocksPerTask, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block) {
            const float scale = std::ldexp(1.0F, exponent[block] - kExponentBias);
            for (std::int64_t i = 0; i < kBytes; ++i) {
                const std::uint8_t pair = code[block * kBytes + i];
                float* const to = number + 2 * (block * kBytes + i);
                to[0] = kNumbers[pair & 15U] * scale;
                to[1] = kNumbers[pair >> 4U] * scale;
            }
        }
    });
    return out;
}

}  // namespace alluvium
