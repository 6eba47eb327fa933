#pragma once
// Arrays of numbers: what types the trace format uses, and how they lie in the file.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "captures/hdf5/handle.h"

namespace alluvium::hdf5 {

enum class NumberType { u8, u16, u32, u64, i8, i16, i32, i64, f16, f32, f64 };

std::size_t byte_size(NumberType type);
bool is_floating(NumberType type);

// The little-endian type in the file; f16 is IEEE half, which the C library lacks and h5py shows
// as float16.
Handle file_type(NumberType type);

using Shape = std::vector<std::uint64_t>;

// Contiguous, space allocated at once and never filled: every byte is where it will stay.
Handle create_dataset(const Handle& parent, const std::string& path, const Handle& type,
                      std::span<const hsize_t> dims);

// Creates the dataset and writes `bytes`, whose layout in memory is that of `type`. Without bytes
// only the space is reserved.
void write_numbers(const Handle& parent, const std::string& path, NumberType type,
                   const Shape& shape, std::span<const std::byte> bytes);

void write_attribute(const Handle& object, const std::string& name, std::int64_t value);

// Nothing where the attribute is absent or no integer.
std::optional<std::int64_t> read_integer_attribute(const Handle& object, const std::string& name);

// An array in a file that is open for reading.
struct NumberArray {
    std::string path;
    NumberType type = NumberType::u8;  // in memory; wider kinds of the file are converted to it
    Shape shape;
    // Where the array lies as it is in the file, or nothing where only the library can read it
    // (chunks, filters, another byte order, external storage).
    std::optional<std::uint64_t> offset;

    std::uint64_t elements() const;
    std::uint64_t bytes() const { return elements() * byte_size(type); }
};

// Error where `path` is missing or holds no numbers.
NumberArray describe_numbers(const Handle& parent, const std::string& path);

// Through the library, whatever the layout: elements [start, start + count) along each axis.
void read_block(const Handle& parent, const NumberArray& array, std::span<const hsize_t> start,
                std::span<const hsize_t> count, std::span<std::byte> out);

}  // namespace alluvium::hdf5
