#pragma once
#include <string>

#include <ATen/core/Tensor.h>

namespace alluvium {

class Checkpoint;
struct TensorInfo;

// Block-scaled FP8 as DeepSeek-V3 and Qwen3-FP8 publish it (arXiv 2412.19437, section 3.3): a
// weight in F8_E4M3 and, beside it, NAME_scale_inv with one factor for every block of rows and
// columns (quantization_config.weight_block_size, else 128 by 128).

// "" where the tensor is stored in another way, or no factors lie beside it.
std::string fp8_scales(const Checkpoint& checkpoint, const std::string& tensor);

// The weight in f32. UserError naming the tensor where the factors' shape does not fit it.
at::Tensor decode_fp8(const Checkpoint& checkpoint, const std::string& tensor);

}  // namespace alluvium
