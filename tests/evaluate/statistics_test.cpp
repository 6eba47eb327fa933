#include "model/evaluate/statistics.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

using namespace alluvium;
using Catch::Matchers::WithinAbs;

TEST_CASE("Wilson intervals are those worked out by hand") {
    // z = 1.959964, z^2 = 3.841459; 7 of 10:
    //   middle = (0.7 + 3.841459 / 20) / 1.3841459                    = 0.644493
    //   half   = 1.959964 sqrt(0.021 + 3.841459 / 400) / 1.3841459    = 0.247717
    const Interval some = wilson(7, 10);
    CHECK_THAT(some.low, WithinAbs(0.396778, 1e-5));
    CHECK_THAT(some.high, WithinAbs(0.892209, 1e-5));
    // None of 20: high = z^2 / (20 + z^2) = 3.841459 / 23.841459.
    const Interval none = wilson(0, 20);
    CHECK(none.low == 0.0);
    CHECK_THAT(none.high, WithinAbs(0.161125, 1e-5));
    const Interval all = wilson(20, 20);
    CHECK_THAT(all.low, WithinAbs(1 - 0.161125, 1e-5));
    CHECK(all.high == 1.0);
}

TEST_CASE("A bootstrap interval of many answers is near the normal one") {
    std::vector<std::vector<RatioUnit>> strata(1);
    for (int i = 0; i < 1000; ++i) strata[0].push_back({i < 300 ? 1.0 : 0.0, 1.0});
    const RatioBootstrap bootstrap(strata, {.resamples = 4000});
    CHECK(bootstrap.value(0) == 0.3);
    // 1.96 sqrt(0.3 * 0.7 / 1000) = 0.0284; the percentiles of 4000 draws lie within 0.003 of it.
    CHECK_THAT(bootstrap.interval(0).low, WithinAbs(0.2716, 0.003));
    CHECK_THAT(bootstrap.interval(0).high, WithinAbs(0.3284, 0.003));
}

TEST_CASE("An average gives every language the same weight, and its interval narrows with them") {
    std::vector<std::vector<RatioUnit>> strata(16);
    for (std::size_t s = 0; s < strata.size(); ++s) {
        const std::size_t size = s == 0 ? 1000 : 100;
        for (std::size_t i = 0; i < size; ++i) strata[s].push_back({i % 2 == 0 ? 1.0 : 0.0, 1.0});
    }
    strata[1].assign(100, {0.0, 1.0});  // a language without one right answer
    const RatioBootstrap bootstrap(strata, {});
    CHECK_THAT(bootstrap.mean(std::vector<std::size_t>{0, 1}), WithinAbs(0.25, 1e-12));
    const std::vector<std::size_t> one{2}, fourteen{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const auto width = [&](const std::vector<std::size_t>& of) {
        const Interval interval = bootstrap.mean_interval(of);
        return interval.high - interval.low;
    };
    // sqrt(14) = 3.74 times narrower; 2000 draws give either width to about 5 %.
    CHECK_THAT(width(one) / width(fourteen), WithinAbs(3.74, 0.4));
}

TEST_CASE("A bootstrap depends on its seed alone") {
    std::vector<std::vector<RatioUnit>> strata(2);
    for (int i = 0; i < 50; ++i) strata[i % 2].push_back({static_cast<double>(i % 7), 3.0});
    const auto low = [&](std::uint64_t seed) {
        return RatioBootstrap(strata, {.resamples = 200, .seed = seed}).interval(1).low;
    };
    CHECK(low(1) == low(1));
    CHECK(low(1) != low(2));
}
