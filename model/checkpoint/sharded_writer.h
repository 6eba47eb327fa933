#pragma once
// Writes a checkpoint's tensors, streaming, in one file or in several with their index.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/checkpoint/safetensors_writer.h"

namespace alluvium {

class ShardedWriter {
  public:
    // `tensors` in the order in which they will be written. No file is larger than `shard_bytes`
    // unless a single tensor is. Errors as SafetensorsWriter.
    ShardedWriter(std::filesystem::path folder, std::vector<TensorToWrite> tensors,
                  std::uint64_t shard_bytes);

    // The next tensor, whole.
    void write(std::span<const std::byte> bytes);
    void write(const at::Tensor& tensor);
    // The next rows of the next tensor, which is complete once all its bytes are there.
    void write_part(const at::Tensor& rows);
    // Writes the index where there is more than one shard.
    void close();

    std::size_t shards() const { return ends_.size(); }

  private:
    void append(std::span<const std::byte> bytes);
    std::string file_name(std::size_t shard) const;
    void open_next_shard_if_due();

    std::filesystem::path folder_;
    std::vector<TensorToWrite> tensors_;
    std::vector<std::size_t> ends_;  // one past each shard's last tensor
    std::uint64_t total_bytes_ = 0;
    std::size_t next_ = 0;            // tensor
    std::uint64_t next_written_ = 0;  // of its bytes
    std::size_t opened_ = 0;
    std::unique_ptr<SafetensorsWriter> shard_;
};

}  // namespace alluvium
