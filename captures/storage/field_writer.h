#pragma once
// Rows in memory to rows of a field in the file, in the field's type.
#include <cstddef>
#include <span>
#include <vector>

#include "captures/storage/disk_file.h"
#include "captures/storage/schema.h"

namespace alluvium {

class FieldWriter {
  public:
    explicit FieldWriter(const DiskFile& file) : file_(file) {}

    // Elements [first, first + values.size()) of the flattened field. The field holds floats for
    // the first and experts (kMissingExpert becomes all ones) for the second.
    void write(const schema::Field& field, std::uint64_t first, std::span<const float> values);
    void write(const schema::Field& field, std::uint64_t first, std::span<const ExpertId> values);
    // Elements already in the field's type.
    void write_bytes(const schema::Field& field, std::uint64_t first,
                     std::span<const std::byte> bytes) const;

  private:
    const DiskFile& file_;
    std::vector<std::byte> staging_;  // converted elements on their way out
};

}  // namespace alluvium
