#pragma once
// Numbers as they lie in a file to the types the program computes with.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ids.h"
#include "captures/hdf5/numbers.h"

namespace alluvium {

// All ones in the stored width, or negative: kMissingExpert. What does not fit an ExpertId becomes
// 0xfffe, which no layer has, so that it is found to be out of range and never wraps to a valid id.
void decode(hdf5::NumberType type, std::span<const std::byte> bytes, std::span<ExpertId> out);

// Integers and floats of any width.
void decode(hdf5::NumberType type, std::span<const std::byte> bytes, std::span<float> out);
void decode(hdf5::NumberType type, std::span<const std::byte> bytes, std::span<double> out);

// Negative and too large values become all ones.
void decode(hdf5::NumberType type, std::span<const std::byte> bytes, std::span<std::uint8_t> out);
void decode(hdf5::NumberType type, std::span<const std::byte> bytes, std::span<std::uint32_t> out);
void decode(hdf5::NumberType type, std::span<const std::byte> bytes, std::span<std::uint64_t> out);

}  // namespace alluvium
