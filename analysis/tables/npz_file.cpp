#include "analysis/tables/npz_file.h"

#include <bit>
#include <cassert>
#include <limits>

#include <zlib.h>

#include "base/error.h"
#include "base/files.h"

namespace alluvium {
namespace {

static_assert(std::endian::native == std::endian::little, "both formats are little-endian");

void append16(std::string& out, std::uint16_t value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void append32(std::string& out, std::uint32_t value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// NEP 1, version 1.0: magic, length of the header, a Python dictionary padded to 64 bytes.
std::string npy_header(const char* type, const std::vector<std::size_t>& shape) {
    std::string dictionary =
        "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (";
    for (const std::size_t n : shape) dictionary += std::to_string(n) + ",";
    dictionary += "), }";
    constexpr std::size_t kPrefix = 10, kAlignment = 64;
    while ((kPrefix + dictionary.size() + 1) % kAlignment != 0) dictionary += ' ';
    dictionary += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    append16(out, static_cast<std::uint16_t>(dictionary.size()));
    return out + dictionary;
}

// What the local and the central header of a zip entry share: from "version needed" to the length
// of the extra field. Stored, no date.
void append_common(std::string& out, const std::string& name, std::uint32_t size,
                   std::uint32_t crc) {
    append16(out, 20);
    append16(out, 0);
    append16(out, 0);
    append16(out, 0);
    append16(out, 0x21);  // 1980-01-01, the first day there is: equal input, equal bytes
    append32(out, crc);
    append32(out, size);
    append32(out, size);
    append16(out, static_cast<std::uint16_t>(name.size()));
    append16(out, 0);
}

}  // namespace

template <typename T>
void NpzFile::add_values(const std::string& name, std::span<const T> values, const char* type,
                         const std::vector<std::size_t>& shape) {
    std::size_t size = 1;
    for (const std::size_t n : shape) size *= n;
    assert(size == values.size());
    Entry entry{name + ".npy", npy_header(type, shape), 0};
    entry.content.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    entry.crc = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(entry.content.data()), entry.content.size()));
    entries_.push_back(std::move(entry));
}

void NpzFile::add(const std::string& name, std::span<const double> values,
                  std::vector<std::size_t> shape) {
    add_values(name, values, "<f8", shape);
}
void NpzFile::add(const std::string& name, std::span<const std::uint32_t> values,
                  std::vector<std::size_t> shape) {
    add_values(name, values, "<u4", shape);
}
void NpzFile::add(const std::string& name, std::span<const std::int32_t> values,
                  std::vector<std::size_t> shape) {
    add_values(name, values, "<i4", shape);
}
void NpzFile::add(const std::string& name, std::span<const std::uint16_t> values,
                  std::vector<std::size_t> shape) {
    add_values(name, values, "<u2", shape);
}

void NpzFile::write(const std::filesystem::path& path) const {
    std::string out, directory;
    for (const Entry& entry : entries_) {
        if (out.size() + entry.content.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
            throw RunError("'" + path.string() + "' would be larger than a plain zip can hold");
        }
        const auto offset = static_cast<std::uint32_t>(out.size());
        const auto size = static_cast<std::uint32_t>(entry.content.size());
        append32(out, 0x04034b50);
        append_common(out, entry.name, size, entry.crc);
        out += entry.name + entry.content;
        append32(directory, 0x02014b50);
        append16(directory, 20);
        append_common(directory, entry.name, size, entry.crc);
        append16(directory, 0);  // comment
        append16(directory, 0);  // disk
        append16(directory, 0);  // internal attributes
        append32(directory, 0);  // external attributes
        append32(directory, offset);
        directory += entry.name;
    }
    const auto entries = static_cast<std::uint16_t>(entries_.size());
    const auto begin = static_cast<std::uint32_t>(out.size());
    out += directory;
    append32(out, 0x06054b50);
    append16(out, 0);
    append16(out, 0);
    append16(out, entries);
    append16(out, entries);
    append32(out, static_cast<std::uint32_t>(directory.size()));
    append32(out, begin);
    append16(out, 0);
    write_file_atomically(path, out);
}

}  // namespace alluvium
