#pragma once
// Sets of rows as compressed bitmaps (Roaring), several to a file that is read in place: opening it
// costs nothing, and only the sets that are asked for are unpacked. Private to analysis/search.
//
// File: "ALVROWS1", u64 length of the key, the key, u64 count, count + 1 u64 offsets from the
// beginning of the file, the sets in Roaring's portable format. Little-endian.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <roaring/roaring.hh>

#include "base/files.h"
#include "base/ids.h"

// Versions before 1.0 have their classes in no namespace.
namespace roaring {}

namespace alluvium {

namespace row_sets {
using namespace ::roaring;
using Set = Roaring;
}  // namespace row_sets
using RowSet = row_sets::Set;

// Rows beyond this are not told apart by 32-bit sets.
inline constexpr TokenPos kMostRows = TokenPos{1} << 32;

class RowSetFile {
  public:
    // Nothing where there is no such file, or one that is damaged or was made under another key.
    static std::optional<RowSetFile> open(const std::filesystem::path& path, const std::string& key,
                                          std::size_t count);

    RowSet rows(std::size_t set) const;

  private:
    MappedFile file_;
    std::vector<std::uint64_t> offsets_;
};

// The file appears whole or not at all. RunError or UserError where it cannot be written.
void write_row_sets(const std::filesystem::path& path, const std::string& key,
                    const std::vector<RowSet>& sets);

}  // namespace alluvium
