#include "model/checkpoint/dtype.h"

#include <algorithm>
#include <array>

namespace alluvium {
namespace {

// https://huggingface.co/docs/safetensors: the Dtype enumeration of the format.
constexpr std::array kDTypes = {
    DType{"BOOL", 8, at::kBool},
    DType{"U8", 8, at::kByte},
    DType{"I8", 8, at::kChar},
    DType{"F8_E5M2", 8, at::kFloat8_e5m2},
    DType{"F8_E4M3", 8, at::kFloat8_e4m3fn},
    DType{"F8_E8M0", 8, std::nullopt},
    DType{"F4", 4, std::nullopt},
    DType{"F6_E2M3", 6, std::nullopt},
    DType{"F6_E3M2", 6, std::nullopt},
    DType{"I16", 16, at::kShort},
    DType{"U16", 16, std::nullopt},
    DType{"F16", 16, at::kHalf},
    DType{"BF16", 16, at::kBFloat16},
    DType{"I32", 32, at::kInt},
    DType{"U32", 32, std::nullopt},
    DType{"F32", 32, at::kFloat},
    DType{"C64", 64, at::kComplexFloat},
    DType{"F64", 64, at::kDouble},
    DType{"I64", 64, at::kLong},
    DType{"U64", 64, std::nullopt},
};

}  // namespace

const DType* find_dtype(std::string_view name) {
    const auto* found = std::ranges::find(kDTypes, name, &DType::name);
    return found == kDTypes.end() ? nullptr : found;
}

std::string_view dtype_names() {
    return "BOOL, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, F4, F6_E2M3, F6_E3M2, I16, U16, F16, BF16, "
           "I32, U32, F32, C64, F64, I64, U64";
}

}  // namespace alluvium
