#pragma once
// Text columns and text attributes. Written as variable-length UTF-8; read from variable-length
// and fixed-length strings of any padding.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "captures/hdf5/handle.h"

namespace alluvium::hdf5 {

void write_strings(const Handle& parent, const std::string& path,
                   std::span<const std::string> column);

// Strings of `width` bytes each, padded with zeros, whose bytes are written later at their place.
void create_fixed_strings(const Handle& parent, const std::string& path, std::uint64_t rows,
                          std::uint64_t width);

struct FixedStrings {
    std::uint64_t rows = 0, width = 0;
    std::optional<std::uint64_t> offset;  // in the file; nothing where they do not lie plainly
};
// Nothing where the dataset holds something else.
std::optional<FixedStrings> describe_fixed_strings(const Handle& parent, const std::string& path);

// Error where the dataset holds no strings.
std::vector<std::string> read_strings(const Handle& parent, const std::string& path);

void write_attribute(const Handle& object, const std::string& name, const std::string& value);

// Scalars and arrays alike; empty where the attribute is absent or no text.
std::vector<std::string> read_string_attribute(const Handle& object, const std::string& name);

// The names of all attributes of an object, in alphabetical order.
std::vector<std::string> attribute_names(const Handle& object);

}  // namespace alluvium::hdf5
