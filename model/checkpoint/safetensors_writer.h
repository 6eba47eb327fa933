#pragma once
// Writes one safetensors file, streaming: all names and shapes are known first, then the tensors'
// bytes follow in the same order, so that no more than one tensor is ever in memory.
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace alluvium {

struct TensorToWrite {
    std::string name;
    std::string dtype;  // as the format says: "F32", "F16", "BF16", ...
    std::vector<std::int64_t> shape;
};

// Of a tensor's data.
std::uint64_t byte_count(const TensorToWrite& tensor);

class SafetensorsWriter {
  public:
    // The file appears under `path` only when close() succeeds. UserError where the folder cannot
    // be written, RunError where the disk is full.
    SafetensorsWriter(const std::filesystem::path& path, const std::vector<TensorToWrite>& tensors,
                      const std::map<std::string, std::string>& metadata = {});
    ~SafetensorsWriter();  // without close(): leaves nothing behind
    SafetensorsWriter(const SafetensorsWriter&) = delete;
    SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

    // The next bytes of the data section; a tensor may come in pieces.
    void write(std::span<const std::byte> bytes);
    // The next tensor, whole, from any device. Its dtype and shape must be those announced.
    void write(const at::Tensor& tensor);
    void close();

  private:
    std::filesystem::path path_;
    std::string partial_;
    int fd_ = -1;
    std::uint64_t expected_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace alluvium
