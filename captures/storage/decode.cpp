#include "captures/storage/decode.h"

#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "captures/storage/half_float.h"

namespace alluvium {
namespace {

using hdf5::NumberType;

template <typename Stored>
Stored load(std::span<const std::byte> bytes, std::size_t i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    return value;
}

// Calls `visit(Stored{})` with the C++ type that `type` is; f16 is left to the callers.
template <typename Visit>
void with_type(NumberType type, Visit visit) {
    switch (type) {
        case NumberType::u8:
            return visit(std::uint8_t{});
        case NumberType::u16:
            return visit(std::uint16_t{});
        case NumberType::u32:
            return visit(std::uint32_t{});
        case NumberType::u64:
            return visit(std::uint64_t{});
        case NumberType::i8:
            return visit(std::int8_t{});
        case NumberType::i16:
            return visit(std::int16_t{});
        case NumberType::i32:
            return visit(std::int32_t{});
        case NumberType::i64:
            return visit(std::int64_t{});
        case NumberType::f32:
            return visit(float{});
        case NumberType::f64:
            return visit(double{});
        case NumberType::f16:
            assert(false);
            return;
    }
}

template <typename Stored>
ExpertId to_expert(Stored value) {
    constexpr ExpertId too_large = kMissingExpert - 1;
    if constexpr (std::is_floating_point_v<Stored>) {
        // No tool stores ids as floats with a fraction; what is no id is out of range.
        return value >= 0 && value < too_large ? static_cast<ExpertId>(value) : too_large;
    } else {
        if (value == static_cast<Stored>(~Stored{0})) return kMissingExpert;
        if constexpr (std::is_signed_v<Stored>) {
            if (value < 0) return kMissingExpert;
        }
        return static_cast<std::uint64_t>(value) < too_large ? static_cast<ExpertId>(value)
                                                             : too_large;
    }
}

template <typename Out, typename Stored>
Out to_unsigned(Stored value) {
    constexpr Out all_ones = std::numeric_limits<Out>::max();
    if constexpr (std::is_floating_point_v<Stored>) {
        const bool fits = value >= 0 && value < static_cast<Stored>(all_ones);
        return fits ? static_cast<Out>(value) : all_ones;
    } else {
        if constexpr (std::is_signed_v<Stored>) {
            if (value < 0) return all_ones;
        }
        return static_cast<std::uint64_t>(value) < all_ones ? static_cast<Out>(value) : all_ones;
    }
}

template <typename Out, typename Convert>
void decode_each(NumberType type, std::span<const std::byte> bytes, std::span<Out> out,
                 Convert convert) {
    assert(bytes.size() == out.size() * hdf5::byte_size(type));
    with_type(type, [&](auto stored) {
        using Stored = decltype(stored);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = convert(load<Stored>(bytes, i));
    });
}

std::vector<float> decode_halves(std::span<const std::byte> bytes) {
    std::vector<float> values(bytes.size() / 2);
    decode(NumberType::f16, bytes, std::span(values));
    return values;
}

template <typename Out>
void decode_unsigned(NumberType type, std::span<const std::byte> bytes, std::span<Out> out) {
    if (type == NumberType::f16) {
        const std::vector<float> values = decode_halves(bytes);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = to_unsigned<Out>(values[i]);
        return;
    }
    decode_each(type, bytes, out, [](auto value) { return to_unsigned<Out>(value); });
}

}  // namespace

void decode(NumberType type, std::span<const std::byte> bytes, std::span<ExpertId> out) {
    if (type == NumberType::f16) {
        const std::vector<float> values = decode_halves(bytes);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = to_expert(values[i]);
        return;
    }
    decode_each(type, bytes, out, [](auto value) { return to_expert(value); });
}

void decode(NumberType type, std::span<const std::byte> bytes, std::span<float> out) {
    if (type == NumberType::f16) {
        const std::span halves(reinterpret_cast<const std::uint16_t*>(bytes.data()), out.size());
        from_half(halves, out);
    } else if (type == NumberType::f32) {
        std::memcpy(out.data(), bytes.data(), bytes.size());
    } else {
        decode_each(type, bytes, out, [](auto value) { return static_cast<float>(value); });
    }
}

void decode(NumberType type, std::span<const std::byte> bytes, std::span<double> out) {
    if (type == NumberType::f16) {
        const std::vector<float> values = decode_halves(bytes);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[i];
        return;
    }
    decode_each(type, bytes, out, [](auto value) { return static_cast<double>(value); });
}

void decode(NumberType type, std::span<const std::byte> bytes, std::span<std::uint8_t> out) {
    decode_unsigned(type, bytes, out);
}

void decode(NumberType type, std::span<const std::byte> bytes, std::span<std::uint32_t> out) {
    decode_unsigned(type, bytes, out);
}

void decode(NumberType type, std::span<const std::byte> bytes, std::span<std::uint64_t> out) {
    decode_unsigned(type, bytes, out);
}

}  // namespace alluvium
