#pragma once
// Writes safetensors files by hand, whole or broken.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/checkpoint/checkpoint.h"

namespace alluvium::test {

struct RawTensor {
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::string bytes;
};

using RawTensors = std::map<std::string, RawTensor>;

// Length, header and data as given, whether they fit each other or not.
inline void write_raw(const std::filesystem::path& path, std::uint64_t length,
                      const std::string& header, const std::string& data) {
    std::ofstream file(path, std::ios::binary);
    for (int shift = 0; shift < 64; shift += 8) file.put(static_cast<char>(length >> shift));
    file << header << data;
}

inline void write_raw(const std::filesystem::path& path, const std::string& header,
                      const std::string& data) {
    write_raw(path, header.size(), header, data);
}

inline void write_safetensors(const std::filesystem::path& path, const RawTensors& tensors) {
    Json header = Json::object();
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        const std::size_t begin = data.size();
        data += tensor.bytes;
        header[name] = {{"dtype", tensor.dtype},
                        {"shape", tensor.shape},
                        {"data_offsets", {begin, data.size()}}};
    }
    write_raw(path, header.dump(), data);
}

// The tensors of a checkpoint, to be changed and written elsewhere.
inline RawTensors raw_tensors(const Checkpoint& checkpoint) {
    RawTensors out;
    for (const auto& [name, info] : checkpoint.tensors()) {
        const std::span<const std::byte> bytes = checkpoint.bytes(info);
        out[name] = {std::string(info.dtype->name),
                     info.shape,
                     {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
    }
    return out;
}

// `count` zeros of two bytes each.
inline RawTensor zeros_bf16(std::vector<std::int64_t> shape) {
    std::size_t count = 1;
    for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
    return {"BF16", std::move(shape), std::string(count * 2, '\0')};
}

}  // namespace alluvium::test
