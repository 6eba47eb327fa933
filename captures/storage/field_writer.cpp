#include "captures/storage/field_writer.h"

#include <algorithm>
#include <cassert>

#include "captures/storage/half_float.h"

namespace alluvium {
namespace {

// Stays in the second-level cache between conversion and write.
constexpr std::size_t kChunkBytes = 256 * 1024;
// Smaller pieces wait for the next sync(): asking for them one by one costs more than it saves.
constexpr std::size_t kSyncBytes = 32 * 1024;

void to_bytes(std::span<const ExpertId> experts, std::span<std::uint8_t> out) {
    std::ranges::transform(experts, out.begin(),
                           [](ExpertId id) { return static_cast<std::uint8_t>(id); });
}

// Converts chunk by chunk with `convert(values, out)` into elements of type `Stored`.
template <typename Stored, typename T, typename Convert, typename Emit>
void in_chunks(std::span<const T> values, std::vector<std::byte>& staging, Convert convert,
               Emit emit) {
    constexpr std::size_t chunk = kChunkBytes / sizeof(Stored);
    staging.resize(std::min(values.size(), chunk) * sizeof(Stored));
    for (std::size_t done = 0; done < values.size(); done += chunk) {
        const auto part = values.subspan(done, std::min(chunk, values.size() - done));
        const std::span out(reinterpret_cast<Stored*>(staging.data()), part.size());
        convert(part, out);
        emit(done, std::as_bytes(out));
    }
}

}  // namespace

void FieldWriter::write(const schema::Field& field, std::uint64_t first,
                        std::span<const float> values) {
    if (field.type == hdf5::NumberType::f32) {
        write_bytes(field, first, std::as_bytes(values));
        return;
    }
    assert(field.type == hdf5::NumberType::f16);
    in_chunks<std::uint16_t>(values, staging_, to_half,
                             [&](std::size_t done, std::span<const std::byte> bytes) {
                                 write_bytes(field, first + done, bytes);
                             });
}

void FieldWriter::write(const schema::Field& field, std::uint64_t first,
                        std::span<const ExpertId> values) {
    if (field.type == hdf5::NumberType::u16) {
        write_bytes(field, first, std::as_bytes(values));
        return;
    }
    assert(field.type == hdf5::NumberType::u8);
    in_chunks<std::uint8_t>(values, staging_, to_bytes,
                            [&](std::size_t done, std::span<const std::byte> bytes) {
                                write_bytes(field, first + done, bytes);
                            });
}

void FieldWriter::write_bytes(const schema::Field& field, std::uint64_t first,
                              std::span<const std::byte> bytes) const {
    const std::size_t width = hdf5::byte_size(field.type);
    assert(!field.path.empty() && first * width + bytes.size() <= field.bytes());
    const std::uint64_t offset = field.offset + first * width;
    file_.write_at(offset, bytes);
    if (bytes.size() >= kSyncBytes) file_.begin_sync(offset, bytes.size());
}

}  // namespace alluvium
