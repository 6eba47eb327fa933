#include "captures/storage/trace_file.h"

#include <array>
#include <cassert>

#include "base/error.h"
#include "captures/hdf5/file.h"
#include "captures/storage/structure_check.h"

namespace alluvium {
namespace {

constexpr std::array<unsigned char, 8> kSignature{0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

// HDF5 looks for its signature at offset 0 and then at 512, 1024, ... (a user block before it).
bool looks_like_hdf5(const DiskFile& disk) {
    const std::uint64_t size = disk.size();
    for (std::uint64_t at = 0; at + kSignature.size() <= size; at = at == 0 ? 512 : 2 * at) {
        std::array<unsigned char, 8> found{};
        disk.read_at(at, std::as_writable_bytes(std::span(found)));
        if (found == kSignature) return true;
    }
    return false;
}

bool needs_library(const FileContents& contents) {
    for (const hdf5::NumberArray* array : contents.arrays()) {
        if (!array->offset && array->elements() > 0) return true;
    }
    return false;
}

}  // namespace

TraceFile::TraceFile(const std::string& path) : path_(path), disk_(path, DiskFile::Mode::read) {
    if (!looks_like_hdf5(disk_)) {
        throw UserError("'" + path + "' is not an HDF5 file",
                        "traces are .h5 files written by `alluvium capture` or `alluvium import`");
    }
    try {
        const hdf5::LibraryLock lock;
        hdf5::Handle file = hdf5::open_file(path);
        contents_ = read_contents(file, path);
        if (needs_library(contents_)) library_file_ = std::move(file);
    } catch (const hdf5::Error& error) {
        throw UserError("cannot read '" + path + "': " + error.what(),
                        "the file may be truncated or damaged: copy or capture it again");
    }
    check_structure(contents_, path, disk_.size());
}

TraceFile::~TraceFile() {
    if (!library_file_) return;
    const hdf5::LibraryLock lock;
    library_file_ = {};
}

std::vector<std::byte> TraceFile::read_bytes(const hdf5::NumberArray& array, TokenRange range,
                                             std::uint64_t plane) const {
    const std::size_t rank = array.shape.size();
    const std::uint64_t rows = array.shape[rank == 3 ? 1 : 0];
    const std::uint64_t width = rank < 2 ? 1 : array.shape.back();
    assert(range.begin <= range.end && range.end <= rows);
    const std::size_t element = hdf5::byte_size(array.type);
    std::vector<std::byte> bytes(range.size() * width * element);
    if (bytes.empty()) return bytes;
    if (array.offset) {
        const std::uint64_t first = (plane * rows + range.begin) * width;
        disk_.read_at(*array.offset + first * element, bytes);
        return bytes;
    }
    std::vector<hsize_t> start(rank, 0);
    std::vector<hsize_t> count(array.shape.begin(), array.shape.end());
    start[rank == 3 ? 1 : 0] = range.begin;
    count[rank == 3 ? 1 : 0] = range.size();
    if (rank == 3) {
        start[0] = plane;
        count[0] = 1;
    }
    try {
        const hdf5::LibraryLock lock;
        hdf5::read_block(library_file_, array, start, count, bytes);
    } catch (const hdf5::Error& error) {
        throw RunError("cannot read '" + path_ + "': " + error.what());
    }
    return bytes;
}

}  // namespace alluvium
