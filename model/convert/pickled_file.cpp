#include "model/convert/pickled_file.h"

#include <algorithm>
#include <limits>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/dtype.h"

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

ZipEntries members_of(const MappedFile& file, const std::string& path) {
    const auto bytes = file.bytes();
    const bool is_zip =
        bytes.size() > 1 && bytes[0] == std::byte{'P'} && bytes[1] == std::byte{'K'};
    if (is_zip) return zip_entries(bytes, path);
    throw UserError("'" + path + "' is no zip file",
                    "files of torch before 1.6 are not read: load the file there, and save it as "
                    "safetensors");
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
    : path_(path.string()),
      file_(std::make_shared<const MappedFile>(path)),
      members_(members_of(*file_, path_)),
      root_(root_of(members_, path_)) {
    const auto order = members_.find(root_ + "byteorder");
    if (order != members_.end() && order->second.size() > 0 && order->second[0] != std::byte{'l'}) {
        throw UserError("'" + path_ + "' was saved on a big-endian machine",
                        "save it again on another one");
    }
    tensors_ = read_pickled_tensors(members_.at(root_ + std::string(kPickle)), path_);
    for (const auto& [name, tensor] : tensors_) check(name, tensor);
}

std::span<const std::byte> PickledFile::storage(const PickledTensor& tensor) const {
    const auto found = members_.find(root_ + "data/" + tensor.storage);
    return found == members_.end() ? std::span<const std::byte>() : found->second;
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
    // The mapping is read-only; const_cast because libtorch has no constant tensors.
    auto* data = const_cast<std::byte*>(bytes.data());
    return at::from_blob(
               data, {tensor.held}, [keep = file_](void*) {}, at::TensorOptions(type))
        .as_strided(tensor.shape, tensor.stride, tensor.offset);
}

}  // namespace alluvium
