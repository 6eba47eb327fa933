#include "model/checkpoint/fp8.h"

#include <algorithm>
#include <array>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"

namespace alluvium {
namespace {

constexpr std::int64_t kNumbersPerTask = 16'384;  // worth a thread

struct BlockSize {
    std::int64_t rows = 128, columns = 128;
};

BlockSize block_size(const Checkpoint& checkpoint) {
    const ConfigReader config = ConfigReader(checkpoint).inside("quantization_config");
    const Json& given = config.at("weight_block_size");
    if (given.is_null()) return {};
    const auto whole = [](const Json& n) { return n.is_number_integer() && n > 0; };
    if (!given.is_array() || given.size() != 2 || !whole(given[0]) || !whole(given[1])) {
        config.refuse("weight_block_size", "a list of two positive whole numbers");
    }
    return {given[0].get<std::int64_t>(), given[1].get<std::int64_t>()};
}

std::int64_t blocks(std::int64_t size, std::int64_t block) {
    return (size + block - 1) / block;
}

// What each byte stands for.
std::array<float, 256> e4m3_numbers() {
    const at::Tensor codes = at::arange(256, at::kByte).view(at::kFloat8_e4m3fn);
    const at::Tensor wide = codes.to(at::kFloat);
    std::array<float, 256> numbers{};
    std::copy_n(wide.const_data_ptr<float>(), numbers.size(), numbers.begin());
    return numbers;
}

// Number by number, in f32, without anything in between: experts are decoded again and again.
at::Tensor scaled(const at::Tensor& stored, const at::Tensor& factors, BlockSize block) {
    static const std::array<float, 256> numbers = e4m3_numbers();
    const std::int64_t width = stored.size(1);
    at::Tensor out = at::empty(stored.sizes(), at::kFloat);
    const at::Tensor bytes = stored.contiguous();
    const at::Tensor held = factors.contiguous();
    const auto* code = static_cast<const std::uint8_t*>(bytes.const_data_ptr());
    const auto* factor = held.const_data_ptr<float>();
    auto* number = out.mutable_data_ptr<float>();
    const std::int64_t rows_at_once = std::max<std::int64_t>(1, kNumbersPerTask / width);
    at::parallel_for(0, stored.size(0), rows_at_once, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            const float* own = factor + row / block.rows * factors.size(1);
            for (std::int64_t first = 0; first < width; first += block.columns) {
                const float scale = own[first / block.columns];
                const std::int64_t last = std::min(width, first + block.columns);
                for (std::int64_t i = row * width + first; i < row * width + last; ++i) {
                    number[i] = numbers[code[i]] * scale;
                }
            }
        }
    });
    return out;
}

}  // namespace

std::string fp8_scales(const Checkpoint& checkpoint, const std::string& tensor) {
    const auto found = checkpoint.tensors().find(tensor);
    const bool stored_so = found != checkpoint.tensors().end() &&
                           (found->second.dtype == nullptr ||  // known by name only
                            found->second.dtype->torch_type == at::kFloat8_e4m3fn);
    const std::string scales = tensor + "_scale_inv";
    return stored_so && checkpoint.has(scales) ? scales : "";
}

at::Tensor decode_fp8(const Checkpoint& checkpoint, const std::string& tensor) {
    const at::Tensor stored = checkpoint.tensor(tensor);
    const std::string scales = fp8_scales(checkpoint, tensor);
    const at::Tensor factors = checkpoint.tensor(scales);
    const auto [rows, columns] = block_size(checkpoint);
    const bool fits = stored.dim() == 2 && factors.dim() == 2 &&
                      factors.size(0) == blocks(stored.size(0), rows) &&
                      factors.size(1) == blocks(stored.size(1), columns);
    if (!fits) {
        throw UserError("'" + checkpoint.folder().string() + "': tensor '" + scales +
                            "' has shape " + shape_text(factors.sizes().vec()) +
                            ", which does not fit '" + tensor + "' " +
                            shape_text(stored.sizes().vec()) + " in blocks of " +
                            shape_text(std::array{rows, columns}),
                        "config.json and the tensors do not belong together");
    }
    return scaled(stored, factors.to(at::kFloat), {rows, columns});
}

}  // namespace alluvium
