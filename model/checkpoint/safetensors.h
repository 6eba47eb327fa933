#pragma once
// The header of one safetensors file: 8 bytes little-endian length, that many bytes of JSON, then
// the tensors' bytes. https://huggingface.co/docs/safetensors
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/checkpoint/dtype.h"

namespace alluvium {

struct TensorInfo {
    const DType* dtype = nullptr;  // null: not known (see Checkpoint::open_index)
    std::vector<std::int64_t> shape;
    std::size_t shard = 0;     // index among Checkpoint::shards()
    std::uint64_t offset = 0;  // first byte, from the start of the shard's file
    std::uint64_t bytes = 0;

    std::uint64_t elements() const;
};

using TensorTable = std::map<std::string, TensorInfo>;

// "[12, 64]"
std::string shape_text(std::span<const std::int64_t> shape);

// Reads and checks the header of a whole mapped file. UserError naming `file` (and the tensor)
// where the header does not fit the file, is no JSON, names an unknown dtype, or where a tensor
// lies outside the file, has a size other than its shape's, or overlaps another.
TensorTable read_safetensors_header(std::span<const std::byte> content, const std::string& file,
                                    std::size_t shard);

}  // namespace alluvium
