#pragma once
// Element types a safetensors file may name. Those without a libtorch type can be listed and
// counted (`inspect`) but not read as tensors.
#include <cstdint>
#include <optional>
#include <string_view>

#include <c10/core/ScalarType.h>

namespace alluvium {

struct DType {
    std::string_view name;  // as in the file's header: "BF16"
    int bits = 0;           // per element
    std::optional<at::ScalarType> torch_type;
};

// Nothing where the format has no such type. The pointer is valid for the program's life.
const DType* find_dtype(std::string_view name);

// "F32, F16, BF16, ...", for error messages.
std::string_view dtype_names();

}  // namespace alluvium
