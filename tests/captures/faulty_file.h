#pragma once
// Ways to damage a trace file or to make one as another program would.
#include <array>
#include <span>
#include <string>
#include <vector>

#include "captures/hdf5/file.h"
#include "captures/hdf5/numbers.h"
#include "captures/hdf5/strings.h"
#include "captures/storage/disk_file.h"

namespace alluvium::test {

// Overwrites element `index` of a contiguous dataset.
template <typename T>
void poke(const std::string& path, const std::string& dataset, std::uint64_t index, T value) {
    std::uint64_t offset = 0;
    {
        const hdf5::LibraryLock lock;
        offset = *hdf5::describe_numbers(hdf5::open_file(path), dataset).offset;
    }
    const DiskFile file(path, DiskFile::Mode::read_write);
    file.write_at(offset + index * sizeof(T), std::as_bytes(std::span(&value, 1)));
}

// Gives `change` the file open for writing.
template <typename Change>
void edit(const std::string& path, Change change) {
    const hdf5::LibraryLock lock;
    const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "open");
    change(file);
}

inline void remove_link(const std::string& path, const std::string& link) {
    edit(path, [&](const hdf5::Handle& file) {
        hdf5::check(H5Ldelete(file.get(), link.c_str(), H5P_DEFAULT), "delete");
    });
}

// Integers in any type of the library, as other programs store them.
template <typename T>
void write_as(const hdf5::Handle& file, const std::string& path, hid_t stored, hid_t memory,
              std::span<const hsize_t> dims, const std::vector<T>& values) {
    const hdf5::Handle type(H5Tcopy(stored), H5Tclose, "type");
    const hdf5::Handle dataset = hdf5::create_dataset(file, path, type, dims);
    hdf5::check(H5Dwrite(dataset.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
                "write");
}

// Strings of one width, filled up with `padding`.
inline void write_fixed_strings(const hdf5::Handle& file, const std::string& path,
                                std::size_t width, H5T_str_t padding, const std::string& bytes) {
    const hdf5::Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "type");
    hdf5::check(H5Tset_size(type.get(), width), "type");
    hdf5::check(H5Tset_strpad(type.get(), padding), "type");
    const std::array<hsize_t, 1> dims{bytes.size() / width};
    const hdf5::Handle dataset = hdf5::create_dataset(file, path, type, dims);
    hdf5::check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()),
                "write");
}

}  // namespace alluvium::test
