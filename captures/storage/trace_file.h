#pragma once
// A trace file open for reading: its contents and raw blocks of its arrays, as they are stored.
#include <string>
#include <vector>

#include "base/grid.h"
#include "captures/hdf5/handle.h"
#include "captures/storage/decode.h"
#include "captures/storage/disk_file.h"
#include "captures/storage/header_reader.h"

namespace alluvium {

class TraceFile {
  public:
    // Reads what is small and finds what is large. UserError: no such file, not HDF5, truncated,
    // no trace, too new, a dataset that must be there missing or of the wrong shape.
    explicit TraceFile(const std::string& path);
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;
    ~TraceFile();

    const FileContents& contents() const { return contents_; }
    std::uint64_t bytes_on_disk() const { return disk_.size(); }

    // Rows of a [rows, width] or [rows] array, or of plane `plane` of a [planes, rows, width] one.
    // Safe to call from several threads. RunError where reading fails.
    template <typename T>
    Grid<T> read(const hdf5::NumberArray& array, TokenRange range, std::uint64_t plane = 0) const {
        const std::size_t width = array.shape.size() < 2 ? 1 : array.shape.back();
        Grid<T> block(range.size(), width);
        const std::vector<std::byte> bytes = read_bytes(array, range, plane);
        decode(array.type, bytes, block.values());
        return block;
    }

    template <typename T>
    std::vector<T> read_column(const hdf5::NumberArray& array, TokenRange range) const {
        std::vector<T> column(range.size());
        const std::vector<std::byte> bytes = read_bytes(array, range, 0);
        decode(array.type, bytes, std::span(column));
        return column;
    }

  private:
    std::vector<std::byte> read_bytes(const hdf5::NumberArray& array, TokenRange range,
                                      std::uint64_t plane) const;

    std::string path_;
    DiskFile disk_;
    FileContents contents_;
    hdf5::Handle library_file_;  // open only where an array needs the library
};

}  // namespace alluvium
