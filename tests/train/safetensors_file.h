#pragma once
// All tensors of one safetensors file, copied, for comparing with expected values.
#include <filesystem>
#include <map>
#include <string>

#include <ATen/ATen.h>

#include "base/files.h"
#include "model/checkpoint/safetensors.h"

namespace alluvium::test {

inline std::map<std::string, at::Tensor> read_safetensors(const std::filesystem::path& path) {
    const MappedFile file(path);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, info] : read_safetensors_header(file.bytes(), path.string(), 0)) {
        auto* data = const_cast<std::byte*>(file.bytes().data() + info.offset);
        tensors[name] =
            at::from_blob(data, info.shape, at::TensorOptions(*info.dtype->torch_type)).clone();
    }
    return tensors;
}

}  // namespace alluvium::test
