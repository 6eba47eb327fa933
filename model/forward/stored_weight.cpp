#include "model/forward/stored_weight.h"

#include <ATen/ATen.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/fp8.h"
#include "model/forward/mxfp4.h"

namespace alluvium {
namespace {

at::Tensor part_of(at::Tensor whole, const std::optional<TensorPart>& part) {
    if (!part) return whole;
    if (part->entry) whole = whole[*part->entry];
    if (part->transposed) whole = whole.t();
    if (part->rows_together > 1) {
        const std::int64_t groups = part->rows / part->rows_together;
        const std::int64_t end =
            part->first_row + (groups - 1) * part->row_step + part->rows_together;
        return whole.slice(0, part->first_row, end)
            .unfold(0, part->rows_together, part->row_step)
            .movedim(-1, 1)
            .flatten(0, 1);
    }
    return whole.slice(0, part->first_row, part->first_row + part->rows * part->row_step,
                       part->row_step);
}

}  // namespace

bool is_encoded(const Checkpoint& checkpoint, const WeightSpec& spec) {
    return spec.encoding != WeightEncoding::plain || !fp8_scales(checkpoint, spec.tensor).empty();
}

at::Tensor stored_weight(const Checkpoint& checkpoint, const WeightSpec& spec) {
    if (!fp8_scales(checkpoint, spec.tensor).empty()) {
        return part_of(decode_fp8(checkpoint, spec.tensor), spec.part);
    }
    const at::Tensor stored = part_of(checkpoint.tensor(spec.tensor), spec.part);
    if (spec.encoding != WeightEncoding::mxfp4_blocks) return stored;
    return decode_mxfp4(stored, part_of(checkpoint.tensor(spec.scales), spec.part));
}

}  // namespace alluvium
