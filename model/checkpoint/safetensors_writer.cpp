#include "model/checkpoint/safetensors_writer.h"

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include <ATen/core/Tensor.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "model/checkpoint/dtype.h"

namespace alluvium {
namespace {

// The header, padded with spaces so that the data section starts at a multiple of 64 bytes: readers
// that map the file then get aligned tensors.
std::string header(const std::vector<TensorToWrite>& tensors,
                   const std::map<std::string, std::string>& metadata, std::uint64_t& data_bytes) {
    nlohmann::ordered_json entries = nlohmann::ordered_json::object();
    if (!metadata.empty()) entries["__metadata__"] = metadata;
    data_bytes = 0;
    for (const TensorToWrite& tensor : tensors) {
        const std::uint64_t end = data_bytes + byte_count(tensor);
        entries[tensor.name] = {
            {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {data_bytes, end}}};
        data_bytes = end;
    }
    std::string text = entries.dump();
    text.append((64 - (text.size() + 8) % 64) % 64, ' ');
    return text;
}

}  // namespace

std::uint64_t byte_count(const TensorToWrite& tensor) {
    const DType* dtype = find_dtype(tensor.dtype);
    assert(dtype != nullptr);
    std::uint64_t elements = 1;
    for (const std::int64_t n : tensor.shape) elements *= static_cast<std::uint64_t>(n);
    return elements * static_cast<std::uint64_t>(dtype->bits) / 8;
}

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     const std::vector<TensorToWrite>& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : path_(path), partial_(path.string() + ".XXXXXX") {
    const std::string text = header(tensors, metadata, expected_);
    fd_ = ::mkostemp(partial_.data(), O_CLOEXEC);
    if (fd_ < 0) {
        throw UserError("cannot create '" + path.string() + "': " + std::strerror(errno),
                        "check that the folder exists and that you may write there");
    }
    try {
        const std::uint64_t length = text.size();
        write(std::as_bytes(std::span(&length, 1)));
        write(std::as_bytes(std::span(text)));
        written_ = 0;
    } catch (...) {
        ::close(fd_);
        ::unlink(partial_.c_str());
        throw;
    }
}

SafetensorsWriter::~SafetensorsWriter() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(partial_.c_str());
}

void SafetensorsWriter::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            throw RunError("cannot write '" + path_.string() + "': " + std::strerror(errno));
        }
        written_ += static_cast<std::uint64_t>(n);
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
}

void SafetensorsWriter::write(const at::Tensor& tensor) {
    const at::Tensor host = tensor.cpu().contiguous();
    write({static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes()});
}

void SafetensorsWriter::close() {
    assert(written_ == expected_);
    const int fd = std::exchange(fd_, -1);
    const bool synced = ::fchmod(fd, 0644) == 0 && ::fsync(fd) == 0;
    const bool closed = ::close(fd) == 0;
    if (!synced || !closed || ::rename(partial_.c_str(), path_.c_str()) != 0) {
        const std::string reason = std::strerror(errno);
        ::unlink(partial_.c_str());
        throw RunError("cannot write '" + path_.string() + "': " + reason);
    }
}

}  // namespace alluvium
