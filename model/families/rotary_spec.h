#pragma once
// Rotary position embedding (arXiv 2104.09864) as plain data, with the ways published models
// stretch it beyond the length they were first trained on.
#include <cstdint>
#include <variant>
#include <vector>

namespace alluvium {

// Every frequency divided by `factor`.
struct LinearScaling {
    double factor = 1;
    bool operator==(const LinearScaling&) const = default;
};

// The base grows with a prompt's length beyond `original`.
struct DynamicScaling {
    double factor = 1;
    double original = 0;
    bool operator==(const DynamicScaling&) const = default;
};

// YaRN (arXiv 2309.00071): dimensions that turn more than beta_fast times within `original` tokens
// stay, those that turn less than beta_slow times are divided by `factor`, in between a ramp.
struct YarnScaling {
    double factor = 1;
    double original = 0;
    double beta_fast = 32;
    double beta_slow = 1;
    bool truncate = true;  // the ramp's ends are whole dimensions
    bool operator==(const YarnScaling&) const = default;
};

// Llama 3.1: as YaRN by wavelength, with a ramp between two of them.
struct Llama3Scaling {
    double factor = 1;
    double low = 1;
    double high = 4;
    double original = 0;
    bool operator==(const Llama3Scaling&) const = default;
};

// LongRoPE (arXiv 2402.13753): one divisor for each frequency; prompts longer than `original` have
// other divisors, and other magnitudes, than shorter ones.
struct LongScaling {
    std::vector<double> short_factors;
    std::vector<double> long_factors;
    double original = 0;
    double short_magnitude = 1;
    double long_magnitude = 1;
    bool operator==(const LongScaling&) const = default;
};

using RotaryScaling = std::variant<std::monostate, LinearScaling, DynamicScaling, YarnScaling,
                                   Llama3Scaling, LongScaling>;

// angle(position, i) = position * theta^(-2i / D), before scaling. The first half of the rotated
// dimensions turns against the second; with adjacent_pairs every dimension against its neighbour.
struct RotarySpec {
    double theta = 10000;
    std::int64_t dims = 0;  // the first `dims` of a head are rotated; 0: all
    bool adjacent_pairs = false;
    RotaryScaling scaling{};
    double magnitude = 1;  // of cosine and sine

    bool operator==(const RotarySpec&) const = default;
};

}  // namespace alluvium
