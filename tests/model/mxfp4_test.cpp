#include "model/forward/mxfp4.h"

#include <ATen/ATen.h>

#include "tests/support/torch_test.h"

namespace alluvium {

TEST_CASE("MXFP4 numbers are pairs of 4-bit floats times a power of two", "[model]") {
    at::Tensor blocks = at::zeros({1, 2, 16}, at::kByte);
    blocks[0][0][0] = 0x21;                                                    // 0.5, then 1
    blocks[0][0][15] = 0xf7;                                                   // 6, then -6
    blocks[0][1][1] = 0xba;                                                    // -1, then -1.5
    const at::Tensor scales = at::tensor({128, 126}, at::kByte).view({1, 2});  // 2 and 1/2
    const at::Tensor numbers = decode_mxfp4(blocks, scales);
    REQUIRE(numbers.sizes() == at::IntArrayRef({1, 64}));
    at::Tensor expected = at::zeros({1, 64});
    expected[0][0] = 1.0;
    expected[0][1] = 2.0;
    expected[0][30] = 12.0;
    expected[0][31] = -12.0;
    expected[0][34] = -0.5;
    expected[0][35] = -0.75;
    CHECK(at::equal(numbers, expected));
}

}  // namespace alluvium
