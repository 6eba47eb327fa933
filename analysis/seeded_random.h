#pragma once
// Chance that is the same on every machine: the engine's sequence is fixed by the standard, the
// distributions of <random> are not, so they are not used.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <utility>

namespace alluvium {

class SeededRandom {
  public:
    // Streams with different names are unrelated for the same seed, so that one more draw in one
    // place changes nothing elsewhere.
    SeededRandom(std::uint64_t seed, std::string_view stream) : engine_(mix(seed, stream)) {}

    // Uniform in [0, n), n > 0, without bias.
    std::uint64_t below(std::uint64_t n) {
        assert(n > 0);
        const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % n;
        std::uint64_t draw = engine_();
        while (draw >= limit) draw = engine_();
        return draw % n;
    }

    template <typename T>
    void shuffle(std::span<T> values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

  private:
    // FNV-1a over the stream's name, started from the seed.
    static std::uint64_t mix(std::uint64_t seed, std::string_view stream) {
        std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
        for (const char c : stream) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
        }
        return hash;
    }

    std::mt19937_64 engine_;
};

}  // namespace alluvium
