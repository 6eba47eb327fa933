#include "captures/repack.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "captures/hdf5/file.h"
#include "captures/storage/unpublished_file.h"

namespace alluvium {
namespace {

using hdf5::Handle;

// What is smaller stays as it is: chunks have a price of their own.
constexpr std::uint64_t kPackedFrom = 16 * 1024;
constexpr std::uint64_t kChunkBytes = 256 * 1024;
constexpr unsigned kDeflateLevel = 9;

struct Array {
    Handle type;
    std::vector<hsize_t> dims;
    std::uint64_t element = 0;  // bytes

    std::uint64_t bytes() const {
        std::uint64_t total = element;
        for (const hsize_t dim : dims) total *= dim;
        return total;
    }
};

Array array_of(const Handle& dataset) {
    Array array{.type = {H5Dget_type(dataset.get()), H5Tclose, "data type"}, .dims = {}};
    array.element = H5Tget_size(array.type.get());
    const Handle space(H5Dget_space(dataset.get()), H5Sclose, "data space");
    array.dims.resize(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.get())));
    H5Sget_simple_extent_dims(space.get(), array.dims.data(), nullptr);
    return array;
}

bool is_packed(const Array& array) {
    const bool strings = H5Tis_variable_str(array.type.get()) > 0;  // lie elsewhere in the file
    return !strings && !array.dims.empty() && array.bytes() >= kPackedFrom;
}

// Whole rows as far as they fit: the longest side is halved.
std::vector<hsize_t> chunk_of(const Array& array) {
    std::vector<hsize_t> chunk = array.dims;
    const auto bytes = [&] {
        std::uint64_t total = array.element;
        for (const hsize_t dim : chunk) total *= dim;
        return total;
    };
    while (bytes() > kChunkBytes) {
        hsize_t& longest = *std::max_element(chunk.begin(), chunk.end());
        if (longest == 1) break;
        longest = (longest + 1) / 2;
    }
    return chunk;
}

Handle create_packed(const Handle& to, const std::string& name, const Array& array) {
    const std::vector<hsize_t> chunk = chunk_of(array);
    const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "dataset properties");
    hdf5::check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()),
                "chunks");
    hdf5::check(H5Pset_shuffle(properties.get()), "shuffle filter");
    hdf5::check(H5Pset_deflate(properties.get(), kDeflateLevel), "deflate filter");
    const Handle space(
        H5Screate_simple(static_cast<int>(array.dims.size()), array.dims.data(), nullptr), H5Sclose,
        "data space");
    return {H5Dcreate2(to.get(), name.c_str(), array.type.get(), space.get(), H5P_DEFAULT,
                       properties.get(), H5P_DEFAULT),
            H5Dclose, "cannot create '" + name + "'"};
}

// Along the first dimension, so that an array larger than memory passes through.
void copy_values(const Handle& from, const Handle& to, const Array& array, Progress& progress) {
    const std::uint64_t row = array.bytes() / array.dims[0];
    const hsize_t most = std::max<hsize_t>(1, (64U << 20U) / std::max<std::uint64_t>(row, 1));
    std::vector<std::byte> block;
    std::vector<hsize_t> start(array.dims.size(), 0), count = array.dims;
    const Handle space(H5Dget_space(from.get()), H5Sclose, "data space");
    for (; start[0] < array.dims[0]; start[0] += count[0]) {
        progress.check();
        count[0] = std::min(most, array.dims[0] - start[0]);
        block.resize(row * count[0]);
        hdf5::check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr,
                                        count.data(), nullptr),
                    "selection");
        const Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                            H5Sclose, "data space");
        hdf5::check(H5Dread(from.get(), array.type.get(), memory.get(), space.get(), H5P_DEFAULT,
                            block.data()),
                    "read");
        hdf5::check(H5Dwrite(to.get(), array.type.get(), memory.get(), space.get(), H5P_DEFAULT,
                             block.data()),
                    "write");
        progress.advance(block.size());
    }
}

void copy_attributes(const Handle& from, const Handle& to) {
    H5O_info_t info;
    hdf5::check(H5Oget_info(from.get(), &info), "attributes");
    for (hsize_t i = 0; i < info.num_attrs; ++i) {
        const Handle source(H5Aopen_by_idx(from.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                           H5P_DEFAULT, H5P_DEFAULT),
                            H5Aclose, "attribute");
        std::string name(static_cast<std::size_t>(H5Aget_name(source.get(), 0, nullptr)), '\0');
        H5Aget_name(source.get(), name.size() + 1, name.data());
        const Handle type(H5Aget_type(source.get()), H5Tclose, "type of " + name);
        const Handle space(H5Aget_space(source.get()), H5Sclose, "space of " + name);
        const Handle copy(
            H5Acreate2(to.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
            H5Aclose, "cannot create attribute '" + name + "'");
        std::vector<std::byte> value(H5Tget_size(type.get()) *
                                     static_cast<std::size_t>(std::max<hssize_t>(
                                         1, H5Sget_simple_extent_npoints(space.get()))));
        hdf5::check(H5Aread(source.get(), type.get(), value.data()), "read " + name);
        hdf5::check(H5Awrite(copy.get(), type.get(), value.data()), "write " + name);
        if (H5Tis_variable_str(type.get()) > 0) {
            H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, value.data());
        }
    }
}

bool is_group(const Handle& parent, const std::string& name) {
    H5O_info_t info;
    hdf5::check(H5Oget_info_by_name(parent.get(), name.c_str(), &info, H5P_DEFAULT), name);
    return info.type == H5O_TYPE_GROUP;
}

void copy_group(const Handle& from, const Handle& to, Progress& progress) {
    copy_attributes(from, to);
    for (const std::string& name : hdf5::children(from)) {
        if (is_group(from, name)) {
            copy_group(hdf5::open_group(from, name), hdf5::create_group(to, name), progress);
            continue;
        }
        const Handle source = hdf5::open_dataset(from, name);
        const Array array = array_of(source);
        if (!is_packed(array)) {
            hdf5::check(
                H5Ocopy(from.get(), name.c_str(), to.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                "cannot copy '" + name + "'");
            continue;
        }
        const Handle copy = create_packed(to, name, array);
        copy_attributes(source, copy);
        copy_values(source, copy, array, progress);
    }
}

}  // namespace

RepackResult repack_trace(const std::string& trace, const std::string& output, bool overwrite,
                          Progress& progress) {
    if (!std::filesystem::exists(trace)) {
        throw UserError("there is no file '" + trace + "'", "give the path of a trace (.h5)");
    }
    if (!overwrite && std::filesystem::exists(output)) refuse_existing(output);
    UnpublishedFile file(output);
    RepackResult result;
    try {
        const hdf5::LibraryLock lock;
        const Handle from = hdf5::open_file(trace);
        result.bytes_before = std::filesystem::file_size(trace);
        progress.start(result.bytes_before);
        const Handle to = hdf5::create_file(file.path());
        copy_group(hdf5::open_group(from, "/"), hdf5::open_group(to, "/"), progress);
    } catch (const hdf5::Error& error) {
        throw UserError("'" + trace + "' cannot be repacked: " + error.what(),
                        "'alluvium check' says what is wrong with a trace");
    }
    result.bytes_after = std::filesystem::file_size(file.path());
    file.publish(overwrite);
    return result;
}

}  // namespace alluvium
