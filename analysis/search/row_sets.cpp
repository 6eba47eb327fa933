#include "analysis/search/row_sets.h"

#include <cstring>

#include "base/error.h"

namespace alluvium {
namespace {

constexpr std::string_view kMagic = "ALVROWS1";

void append(std::string& out, std::uint64_t value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Reads what append() wrote, front to back.
class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::optional<std::string_view> text(std::size_t length) {
        if (bytes_.size() - at_ < length) return {};
        const auto* begin = reinterpret_cast<const char*>(bytes_.data() + at_);
        at_ += length;
        return std::string_view(begin, length);
    }
    std::optional<std::uint64_t> number() {
        const auto bytes = text(sizeof(std::uint64_t));
        if (!bytes) return {};
        std::uint64_t value = 0;
        std::memcpy(&value, bytes->data(), sizeof value);
        return value;
    }

  private:
    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
};

// The offsets, where everything before them is as expected and they rise inside the file.
std::optional<std::vector<std::uint64_t>> read_offsets(std::span<const std::byte> bytes,
                                                       const std::string& key, std::size_t count) {
    Reader reader(bytes);
    if (reader.text(kMagic.size()) != kMagic || reader.number() != key.size() ||
        reader.text(key.size()) != key || reader.number() != count) {
        return {};
    }
    std::vector<std::uint64_t> offsets;
    for (std::size_t i = 0; i <= count; ++i) {
        const std::optional<std::uint64_t> offset = reader.number();
        if (!offset || *offset > bytes.size()) return {};
        if (!offsets.empty() && *offset < offsets.back()) return {};
        offsets.push_back(*offset);
    }
    if (offsets.back() != bytes.size()) return {};
    return offsets;
}

}  // namespace

std::optional<RowSetFile> RowSetFile::open(const std::filesystem::path& path,
                                           const std::string& key, std::size_t count) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return {};
    RowSetFile file;
    file.file_ = MappedFile(path);
    auto offsets = read_offsets(file.file_.bytes(), key, count);
    if (!offsets) return {};
    file.offsets_ = std::move(*offsets);
    return file;
}

RowSet RowSetFile::rows(std::size_t set) const {
    const auto* begin = reinterpret_cast<const char*>(file_.bytes().data()) + offsets_.at(set);
    return RowSet::readSafe(begin, offsets_.at(set + 1) - offsets_[set]);
}

void write_row_sets(const std::filesystem::path& path, const std::string& key,
                    const std::vector<RowSet>& sets) {
    std::string out(kMagic);
    append(out, key.size());
    out += key;
    append(out, sets.size());
    std::uint64_t offset = out.size() + (sets.size() + 1) * sizeof(std::uint64_t);
    append(out, offset);
    for (const RowSet& set : sets) append(out, offset += set.getSizeInBytes());
    std::size_t end = out.size();
    out.resize(offset);
    for (const RowSet& set : sets) end += set.write(out.data() + end);
    write_file_atomically(path, out);
}

}  // namespace alluvium
