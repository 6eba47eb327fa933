#include "captures/hdf5/numbers.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "captures/hdf5/file.h"

namespace alluvium::hdf5 {
namespace {

struct TypeEntry {
    NumberType type;
    hid_t id;
    std::size_t bytes;
};

// The ids are variables that the library sets at its first use, hence a function.
std::array<TypeEntry, 10> standard_types() {
    return {{{NumberType::u8, H5T_STD_U8LE, 1},
             {NumberType::u16, H5T_STD_U16LE, 2},
             {NumberType::u32, H5T_STD_U32LE, 4},
             {NumberType::u64, H5T_STD_U64LE, 8},
             {NumberType::i8, H5T_STD_I8LE, 1},
             {NumberType::i16, H5T_STD_I16LE, 2},
             {NumberType::i32, H5T_STD_I32LE, 4},
             {NumberType::i64, H5T_STD_I64LE, 8},
             {NumberType::f32, H5T_IEEE_F32LE, 4},
             {NumberType::f64, H5T_IEEE_F64LE, 8}}};
}

// IEEE 754 binary16: sign bit 15, 5 exponent bits from bit 10 with bias 15, 10 mantissa bits.
Handle half_type() {
    Handle type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose, "half type");
    check(H5Tset_fields(type.get(), 15, 10, 5, 0, 10), "half type");
    check(H5Tset_size(type.get(), 2), "half type");
    check(H5Tset_ebias(type.get(), 15), "half type");
    return type;
}

// The memory type for a stored one that is none of ours (big endian, odd widths, bfloat16).
NumberType nearest_type(hid_t stored) {
    if (H5Tget_class(stored) == H5T_FLOAT) {
        return H5Tget_size(stored) > 4 ? NumberType::f64 : NumberType::f32;
    }
    const bool is_signed = H5Tget_sign(stored) == H5T_SGN_2;
    switch (H5Tget_size(stored)) {
        case 1:
            return is_signed ? NumberType::i8 : NumberType::u8;
        case 2:
            return is_signed ? NumberType::i16 : NumberType::u16;
        case 4:
            return is_signed ? NumberType::i32 : NumberType::u32;
        default:
            return is_signed ? NumberType::i64 : NumberType::u64;
    }
}

std::optional<NumberType> exact_type(hid_t stored) {
    for (const TypeEntry& entry : standard_types()) {
        if (H5Tequal(stored, entry.id) > 0) return entry.type;
    }
    if (H5Tequal(stored, half_type().get()) > 0) return NumberType::f16;
    return std::nullopt;
}

bool lies_plainly(const Handle& dataset) {
    const Handle properties(H5Dget_create_plist(dataset.get()), H5Pclose, "dataset properties");
    return H5Pget_layout(properties.get()) == H5D_CONTIGUOUS &&
           H5Pget_external_count(properties.get()) == 0;
}

Shape shape_of(const Handle& dataset, const std::string& path) {
    const Handle space(H5Dget_space(dataset.get()), H5Sclose, "shape of '" + path + "'");
    const int rank = H5Sget_simple_extent_ndims(space.get());
    check(rank, "shape of '" + path + "'");
    std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr);
    return {dims.begin(), dims.end()};
}

}  // namespace

std::size_t byte_size(NumberType type) {
    if (type == NumberType::f16) return 2;
    const auto types = standard_types();
    return std::ranges::find(types, type, &TypeEntry::type)->bytes;
}

bool is_floating(NumberType type) {
    return type == NumberType::f16 || type == NumberType::f32 || type == NumberType::f64;
}

Handle file_type(NumberType type) {
    if (type == NumberType::f16) return half_type();
    const auto types = standard_types();
    return {H5Tcopy(std::ranges::find(types, type, &TypeEntry::type)->id), H5Tclose, "number type"};
}

Handle create_dataset(const Handle& parent, const std::string& path, const Handle& type,
                      std::span<const hsize_t> dims) {
    const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "dataset properties");
    check(H5Pset_layout(properties.get(), H5D_CONTIGUOUS), "contiguous layout");
    check(H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY), "early allocation");
    check(H5Pset_obj_track_times(properties.get(), false), "dataset properties");
    // Text is stored as references, which must be null, not garbage, until they are written.
    if (H5Tget_class(type.get()) != H5T_STRING) {
        check(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), "fill time");
    }
    const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "link properties");
    check(H5Pset_create_intermediate_group(links.get(), 1), "link properties");
    const Handle space(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
                       H5Sclose, "shape of '" + path + "'");
    return {H5Dcreate2(parent.get(), path.c_str(), type.get(), space.get(), links.get(),
                       properties.get(), H5P_DEFAULT),
            H5Dclose, "cannot create dataset '" + path + "'"};
}

void write_numbers(const Handle& parent, const std::string& path, NumberType type,
                   const Shape& shape, std::span<const std::byte> bytes) {
    const std::vector<hsize_t> dims(shape.begin(), shape.end());
    const Handle stored = file_type(type);
    const Handle dataset = create_dataset(parent, path, stored, dims);
    if (bytes.empty()) return;
    check(H5Dwrite(dataset.get(), stored.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()),
          "cannot write '" + path + "'");
}

void write_attribute(const Handle& object, const std::string& name, std::int64_t value) {
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "scalar shape");
    const Handle attribute(H5Acreate2(object.get(), name.c_str(), H5T_STD_I64LE, space.get(),
                                      H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose, "cannot create attribute '" + name + "'");
    check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &value),
          "cannot write attribute '" + name + "'");
}

std::optional<std::int64_t> read_integer_attribute(const Handle& object, const std::string& name) {
    if (H5Aexists(object.get(), name.c_str()) <= 0) return std::nullopt;
    const Handle attribute(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT), H5Aclose,
                           "attribute '" + name + "'");
    const Handle stored(H5Aget_type(attribute.get()), H5Tclose, "type of attribute '" + name + "'");
    const Handle space(H5Aget_space(attribute.get()), H5Sclose,
                       "shape of attribute '" + name + "'");
    if (H5Tget_class(stored.get()) != H5T_INTEGER) return std::nullopt;
    if (H5Sget_simple_extent_npoints(space.get()) != 1) return std::nullopt;
    std::int64_t value = 0;
    check(H5Aread(attribute.get(), H5T_NATIVE_INT64, &value), "attribute '" + name + "'");
    return value;
}

std::uint64_t NumberArray::elements() const {
    return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

NumberArray describe_numbers(const Handle& parent, const std::string& path) {
    const Handle dataset = open_dataset(parent, path);
    const Handle stored(H5Dget_type(dataset.get()), H5Tclose, "type of '" + path + "'");
    const H5T_class_t kind = H5Tget_class(stored.get());
    if (kind != H5T_INTEGER && kind != H5T_FLOAT) throw Error("'" + path + "' holds no numbers");
    const std::optional<NumberType> exact = exact_type(stored.get());
    NumberArray array{.path = path,
                      .type = exact.value_or(nearest_type(stored.get())),
                      .shape = shape_of(dataset, path),
                      .offset = std::nullopt};
    const haddr_t offset = H5Dget_offset(dataset.get());
    if (exact && lies_plainly(dataset) && offset != HADDR_UNDEF) array.offset = offset;
    return array;
}

void read_block(const Handle& parent, const NumberArray& array, std::span<const hsize_t> start,
                std::span<const hsize_t> count, std::span<std::byte> out) {
    assert(start.size() == array.shape.size() && count.size() == start.size());
    if (out.empty()) return;
    const Handle dataset = open_dataset(parent, array.path);
    const Handle space(H5Dget_space(dataset.get()), H5Sclose, "shape of '" + array.path + "'");
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          "block of '" + array.path + "'");
    const Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                        H5Sclose, "block of '" + array.path + "'");
    const Handle type = file_type(array.type);
    check(H5Dread(dataset.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, out.data()),
          "cannot read '" + array.path + "'");
}

}  // namespace alluvium::hdf5
