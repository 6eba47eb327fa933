#include "model/convert/pickled_file.h"

#include <cstring>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/dtype.h"
#include "model/convert/legacy_file.h"

namespace alluvium {
namespace {

constexpr std::string_view kPickle = "data.pkl";

// The folder that torch.save puts everything into.
std::string root_of(const ZipEntries& members, const std::string& path) {
    for (const auto& [name, bytes] : members) {
        if (!name.ends_with(kPickle)) continue;
        const std::string root = name.substr(0, name.size() - kPickle.size());
        if (root.ends_with('/') && root.find('/') == root.size() - 1) return root;
    }
    throw UserError("'" + path + "' is a zip file without weights (no data.pkl)",
                    "give a file that torch.save wrote");
}

// One past the last element that a tensor reaches; nothing where that is beyond all bounds.
std::optional<std::int64_t> reach(const PickledTensor& tensor) {
    std::int64_t end = 0;
    if (__builtin_add_overflow(tensor.offset, 1, &end)) return std::nullopt;
    for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
        if (tensor.shape[d] == 0) return 0;
        std::int64_t step = 0;
        if (__builtin_mul_overflow(tensor.shape[d] - 1, tensor.stride[d], &step) ||
            __builtin_add_overflow(end, step, &end)) {
            return std::nullopt;
        }
    }
    return end;
}

// Nothing where the number is beyond all bounds.
std::optional<std::int64_t> elements(const PickledTensor& tensor) {
    std::int64_t count = 1;
    for (const std::int64_t size : tensor.shape) {
        if (__builtin_mul_overflow(count, size, &count)) return std::nullopt;
    }
    return count;
}

}  // namespace

PickledFile::PickledFile(const std::filesystem::path& path)
    : path_(path.string()), file_(std::make_shared<const MappedFile>(path)) {
    const auto bytes = file_->bytes();
    const bool is_zip =
        bytes.size() > 1 && bytes[0] == std::byte{'P'} && bytes[1] == std::byte{'K'};
    if (is_zip) {
        read_zip();
    } else if (is_legacy_file(bytes)) {
        read_legacy();
    } else {
        throw UserError("'" + path_ + "' is no file of torch.save",
                        "give pickled weights, or a folder with *.safetensors");
    }
    for (const auto& [name, tensor] : tensors_) check(name, tensor);
}

void PickledFile::read_zip() {
    const ZipEntries members = zip_entries(file_->bytes(), path_);
    const std::string root = root_of(members, path_);
    const auto order = members.find(root + "byteorder");
    if (order != members.end() && order->second.size() > 0 && order->second[0] != std::byte{'l'}) {
        throw UserError("'" + path_ + "' was saved on a big-endian machine",
                        "save it again on another one");
    }
    const std::string folder = root + "data/";
    for (const auto& [name, bytes] : members) {
        if (name.starts_with(folder)) storages_[name.substr(folder.size())] = bytes;
    }
    tensors_ = read_pickled_tensors(members.at(root + std::string(kPickle)), path_);
}

void PickledFile::read_legacy() {
    LegacyFile legacy = read_legacy_file(file_->bytes(), path_);
    tensors_ = std::move(legacy.tensors);
    storages_ = std::move(legacy.storages);
}

std::span<const std::byte> PickledFile::storage(const PickledTensor& tensor) const {
    const auto found = storages_.find(tensor.storage);
    return found == storages_.end() ? std::span<const std::byte>() : found->second;
}

void PickledFile::check(const std::string& name, const PickledTensor& tensor) const {
    const auto bytes = static_cast<std::int64_t>(storage(tensor).size());
    const std::int64_t width = find_dtype(tensor.dtype)->bits / 8;
    const auto last = reach(tensor);
    const auto count = elements(tensor);
    // An expanded tensor would be larger than the file.
    const bool fits = last && count && tensor.held <= bytes / width && *last <= tensor.held &&
                      *count <= tensor.held;
    if (fits) return;
    throw UserError("'" + path_ + "': tensor '" + name + "' reaches beyond its storage",
                    "the file is damaged; fetch it again");
}

at::Tensor PickledFile::tensor(const std::string& name) const {
    const PickledTensor& tensor = tensors_.at(name);
    const at::ScalarType type = *find_dtype(tensor.dtype)->torch_type;
    if (*elements(tensor) == 0) return at::empty(tensor.shape, at::TensorOptions(type));
    const std::span<const std::byte> bytes = storage(tensor);
    const std::size_t width = c10::elementSize(type);
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % width != 0) {
        at::Tensor copy = at::empty({tensor.held}, at::TensorOptions(type));
        std::memcpy(copy.mutable_data_ptr(), bytes.data(),
                    static_cast<std::size_t>(tensor.held) * width);
        return copy.as_strided(tensor.shape, tensor.stride, tensor.offset);
    }
    // The mapping is read-only; const_cast because libtorch has no constant tensors.
    auto* data = const_cast<std::byte*>(bytes.data());
    return at::from_blob(
               data, {tensor.held}, [keep = file_](void*) {}, at::TensorOptions(type))
        .as_strided(tensor.shape, tensor.stride, tensor.offset);
}

}  // namespace alluvium
