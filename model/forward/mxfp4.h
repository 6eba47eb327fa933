#pragma once
#include <ATen/core/Tensor.h>

namespace alluvium {

// MXFP4 (OCP Microscaling Formats 1.0): `blocks` U8 [rows, in / 32, 16], two numbers a byte, the
// lower half first; `scales` U8 [rows, in / 32], an exponent of 2 plus 127 for each block.
// Returns [rows, in] in f32, where every such number is exact.
at::Tensor decode_mxfp4(const at::Tensor& blocks, const at::Tensor& scales);

}  // namespace alluvium
