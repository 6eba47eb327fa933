#include "model/checkpoint/sharded_writer.h"

#include <array>
#include <cassert>
#include <cstdio>
#include <utility>

#include <ATen/core/Tensor.h>

#include "base/files.h"
#include "base/json.h"

namespace alluvium {

ShardedWriter::ShardedWriter(std::filesystem::path folder, std::vector<TensorToWrite> tensors,
                             std::uint64_t shard_bytes)
    : folder_(std::move(folder)), tensors_(std::move(tensors)) {
    std::uint64_t in_shard = 0;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
        const std::uint64_t bytes = byte_count(tensors_[i]);
        if (in_shard > 0 && in_shard + bytes > shard_bytes) {
            ends_.push_back(i);
            in_shard = 0;
        }
        in_shard += bytes;
        total_bytes_ += bytes;
    }
    ends_.push_back(tensors_.size());
}

std::string ShardedWriter::file_name(std::size_t shard) const {
    if (ends_.size() == 1) return "model.safetensors";
    std::array<char, 48> name{};
    std::snprintf(name.data(), name.size(), "model-%05zu-of-%05zu.safetensors", shard + 1,
                  ends_.size());
    return name.data();
}

void ShardedWriter::open_next_shard_if_due() {
    const std::size_t begin = opened_ == 0 ? 0 : ends_[opened_ - 1];
    if (next_ < begin || opened_ == ends_.size()) return;
    if (shard_) shard_->close();
    const auto first = tensors_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = tensors_.begin() + static_cast<std::ptrdiff_t>(ends_[opened_]);
    const std::map<std::string, std::string> metadata = {{"format", "pt"}};
    shard_ = std::make_unique<SafetensorsWriter>(folder_ / file_name(opened_),
                                                 std::vector<TensorToWrite>(first, last), metadata);
    ++opened_;
}

void ShardedWriter::append(std::span<const std::byte> bytes) {
    assert(next_ < tensors_.size());
    const std::uint64_t whole = byte_count(tensors_[next_]);
    assert(next_written_ + bytes.size() <= whole);
    if (next_written_ == 0) open_next_shard_if_due();
    shard_->write(bytes);
    next_written_ += bytes.size();
    if (next_written_ < whole) return;
    ++next_;
    next_written_ = 0;
}

void ShardedWriter::write(std::span<const std::byte> bytes) {
    assert(next_written_ == 0 && bytes.size() == byte_count(tensors_[next_]));
    append(bytes);
}

void ShardedWriter::write(const at::Tensor& tensor) {
    const at::Tensor host = tensor.cpu().contiguous();
    write({static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes()});
}

void ShardedWriter::write_part(const at::Tensor& rows) {
    const at::Tensor host = rows.cpu().contiguous();
    append({static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes()});
}

void ShardedWriter::close() {
    assert(next_ == tensors_.size());
    if (shard_) shard_->close();
    if (ends_.size() == 1) return;
    Json weight_map = Json::object();
    std::size_t begin = 0;
    for (std::size_t shard = 0; shard < ends_.size(); begin = ends_[shard++]) {
        for (std::size_t i = begin; i < ends_[shard]; ++i) {
            weight_map[tensors_[i].name] = file_name(shard);
        }
    }
    const Json index = {{"metadata", {{"total_size", total_bytes_}}}, {"weight_map", weight_map}};
    write_file_atomically(folder_ / "model.safetensors.index.json", index.dump(1) + "\n");
}

}  // namespace alluvium
