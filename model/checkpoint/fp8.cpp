#include "model/checkpoint/fp8.h"

#include <array>

#include <ATen/ATen.h>

#include "base/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config_reader.h"

namespace alluvium {
namespace {

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
    const at::Tensor each = factors.to(at::kFloat)
                                .repeat_interleave(rows, 0)
                                .narrow(0, 0, stored.size(0))
                                .repeat_interleave(columns, 1)
                                .narrow(1, 0, stored.size(1));
    return stored.to(at::kFloat) * each;
}

}  // namespace alluvium
