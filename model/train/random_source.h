#pragma once
// Random numbers that are the same on every platform: the standard library leaves the algorithms of
// its distributions and of std::shuffle open.
#include <cstdint>
#include <utility>
#include <vector>

namespace alluvium {

// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
class RandomSource {
  public:
    explicit RandomSource(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    // 0 .. bound - 1. The bias for bounds far below 2^64 is immaterial.
    std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>((static_cast<__uint128_t>(next()) * bound) >> 64);
    }
    // [0, 1)
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    template <typename T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i) {
            std::swap(values[i - 1], values[static_cast<std::size_t>(below(i))]);
        }
    }

  private:
    std::uint64_t state_;
};

}  // namespace alluvium
