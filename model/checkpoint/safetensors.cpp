#include "model/checkpoint/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/safetensors_entries.h"

namespace alluvium {
namespace {

constexpr std::uint64_t kLengthBytes = 8;
// The reference reader's own limit; a larger length means that the file is something else.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

[[noreturn]] void fail(const std::string& file, const std::string& what) {
    throw UserError("'" + file + "': " + what,
                    "the file is damaged or no safetensors file; fetch it again");
}

std::string_view header_text(std::span<const std::byte> content, const std::string& file) {
    if (content.size() < kLengthBytes) {
        fail(file, "only " + std::to_string(content.size()) +
                       " bytes, too short for the length of a safetensors header");
    }
    std::uint64_t length = 0;
    for (std::size_t i = kLengthBytes; i-- > 0;) {
        length = length << 8 | std::to_integer<std::uint64_t>(content[i]);
    }
    const std::uint64_t room = content.size() - kLengthBytes;
    if (length > std::min(room, kMaxHeaderBytes)) {
        fail(file, "the header's length is given as " + std::to_string(length) +
                       " bytes, the file has room for " + std::to_string(room));
    }
    return {reinterpret_cast<const char*>(content.data()) + kLengthBytes,
            static_cast<std::size_t>(length)};
}

// Sizes from a damaged header must not wrap around.
std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
    return product;
}

std::vector<std::int64_t> read_shape(const SafetensorsEntry& entry, const std::string& file) {
    if (!entry.shape) fail(file, "tensor '" + entry.name + "' has no shape");
    const auto refuse = [&](const std::string& size) {
        fail(file, "tensor '" + entry.name + "' has a size that is no count: " + size);
    };
    if (!entry.no_size.empty()) refuse(entry.no_size);
    std::vector<std::int64_t> out;
    for (const std::uint64_t size : *entry.shape) {
        if (size > std::numeric_limits<std::int64_t>::max()) refuse(std::to_string(size));
        out.push_back(static_cast<std::int64_t>(size));
    }
    return out;
}

const DType& read_dtype(const SafetensorsEntry& entry, const std::string& file) {
    if (!entry.dtype) fail(file, "tensor '" + entry.name + "' has no dtype");
    const DType* dtype = find_dtype(*entry.dtype);
    if (dtype == nullptr) {
        throw UserError("'" + file + "': tensor '" + entry.name + "' has the unknown dtype '" +
                            *entry.dtype + "'",
                        "the format's dtypes are " + std::string(dtype_names()));
    }
    return *dtype;
}

std::uint64_t expected_bytes(const TensorInfo& info, const std::string& file,
                             const std::string& tensor) {
    std::optional<std::uint64_t> bits = static_cast<std::uint64_t>(info.dtype->bits);
    for (const std::int64_t size : info.shape) {
        if (bits) bits = checked_product(*bits, static_cast<std::uint64_t>(size));
    }
    if (!bits || *bits % 8 != 0) {
        fail(file, "tensor '" + tensor + "' has the impossible shape " + shape_text(info.shape));
    }
    return *bits / 8;
}

TensorInfo read_entry(const SafetensorsEntry& entry, const std::string& file) {
    const std::string& tensor = entry.name;
    if (!entry.is_object) fail(file, "the header's entry '" + tensor + "' is no object");
    TensorInfo info;
    info.dtype = &read_dtype(entry, file);
    info.shape = read_shape(entry, file);
    const auto& offsets = entry.offsets;
    if (!offsets || offsets->size() != 2 || offsets->front() > offsets->back()) {
        fail(file, "tensor '" + tensor + "' has no valid data_offsets");
    }
    info.offset = offsets->front();
    info.bytes = offsets->back() - info.offset;
    const std::uint64_t expected = expected_bytes(info, file, tensor);
    if (info.bytes != expected) {
        fail(file, "tensor '" + tensor + "' " + shape_text(info.shape) + " " +
                       std::string(info.dtype->name) + " needs " + std::to_string(expected) +
                       " bytes, its data_offsets hold " + std::to_string(info.bytes));
    }
    return info;
}

void refuse_overlaps(const TensorTable& table, const std::string& file) {
    std::vector<const TensorTable::value_type*> order;
    for (const auto& entry : table) order.push_back(&entry);
    std::ranges::sort(order, {}, [](const auto* entry) {
        return std::pair(entry->second.offset, entry->second.bytes);
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const auto& [before_name, before] = *order[i - 1];
        const auto& [name, info] = *order[i];
        if (before.offset + before.bytes > info.offset && info.bytes > 0) {
            fail(file, "tensors '" + before_name + "' and '" + name + "' overlap");
        }
    }
}

}  // namespace

std::uint64_t TensorInfo::elements() const {
    std::uint64_t count = 1;
    for (const std::int64_t size : shape) count *= static_cast<std::uint64_t>(size);
    return count;
}

std::string shape_text(std::span<const std::int64_t> shape) {
    std::string text = "[";
    for (const std::int64_t size : shape) {
        if (text.size() > 1) text += ", ";
        text += std::to_string(size);
    }
    return text + "]";
}

TensorTable read_safetensors_header(std::span<const std::byte> content, const std::string& file,
                                    std::size_t shard) {
    const std::string_view text = header_text(content, file);
    const auto entries = read_safetensors_entries(text);
    if (!entries) fail(file, "the header is no JSON object");
    const std::uint64_t data_begin = kLengthBytes + text.size();
    const std::uint64_t data_bytes = content.size() - data_begin;
    TensorTable table;
    for (const SafetensorsEntry& entry : *entries) {
        const std::string& name = entry.name;
        TensorInfo info = read_entry(entry, file);
        if (info.offset > data_bytes || info.bytes > data_bytes - info.offset) {
            fail(file, "tensor '" + name + "' ends at byte " +
                           std::to_string(info.offset + info.bytes) +
                           " of the data, the file has " + human_bytes(data_bytes) + " (" +
                           std::to_string(data_bytes) + " bytes): it is truncated");
        }
        info.shard = shard;
        info.offset += data_begin;
        if (!table.emplace(name, std::move(info)).second) {
            fail(file, "the header has tensor '" + name + "' twice");
        }
    }
    refuse_overlaps(table, file);
    return table;
}

}  // namespace alluvium
