#include "analysis/margin_quantiles.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

namespace alluvium {
namespace {

constexpr std::size_t kBuckets = 65536;

// Unsigned integers in the order of the floats.
std::uint32_t sort_key(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

float value_of(std::uint32_t key) {
    return std::bit_cast<float>((key & 0x80000000u) != 0 ? key & 0x7fffffffu : ~key);
}

template <typename Visit>
void visit_margins(const RoutingTrace& trace, std::size_t routed, const TokenSelection& selection,
                   Visit visit) {
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        const std::vector<float> margin = trace.margin(routed, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) {
                const float value = margin[t - range.begin];
                if (!std::isnan(value)) visit(sort_key(value));
            }
        }
    });
}

// A rank inside one bucket of equal upper halves.
struct Place {
    std::uint32_t bucket = 0;
    std::uint64_t rank = 0;
};

Place place_of(const std::vector<std::uint64_t>& upper, std::uint64_t rank) {
    std::uint32_t bucket = 0;
    while (rank >= upper[bucket]) rank -= upper[bucket++];
    return {bucket, rank};
}

// The two order statistics around a quantile and how far it lies between them.
struct Between {
    std::uint64_t below = 0, above = 0;
    double fraction = 0;
};

Between between(double p, std::uint64_t count) {
    const double position = p * static_cast<double>(count - 1);
    const auto below = static_cast<std::uint64_t>(position);
    return {below, std::min(below + 1, count - 1), position - static_cast<double>(below)};
}

}  // namespace

MarginQuantiles margin_quantiles(const RoutingTrace& trace, std::size_t routed,
                                 const TokenSelection& selection) {
    std::vector<std::uint64_t> upper(kBuckets, 0);
    std::uint64_t count = 0;
    visit_margins(trace, routed, selection, [&](std::uint32_t key) {
        ++upper[key >> 16];
        ++count;
    });
    if (count == 0) return {};
    const std::array wanted = {between(0.05, count), between(0.5, count)};
    std::map<std::uint32_t, std::vector<std::uint64_t>> lower;
    for (const Between& b : wanted) {
        for (const std::uint64_t rank : {b.below, b.above}) {
            lower[place_of(upper, rank).bucket].resize(kBuckets, 0);
        }
    }
    visit_margins(trace, routed, selection, [&](std::uint32_t key) {
        const auto bucket = lower.find(key >> 16);
        if (bucket != lower.end()) ++bucket->second[key & 0xffffu];
    });
    const auto order_statistic = [&](std::uint64_t rank) {
        const Place place = place_of(upper, rank);
        const Place inside = place_of(lower.at(place.bucket), place.rank);
        return static_cast<double>(value_of(place.bucket << 16 | inside.bucket));
    };
    const auto quantile = [&](const Between& b) {
        const double low = order_statistic(b.below);
        // Not interpolated where both are the same, which may be infinite.
        return b.fraction == 0 ? low : low + b.fraction * (order_statistic(b.above) - low);
    };
    return {quantile(wanted[0]), quantile(wanted[1])};
}

}  // namespace alluvium
