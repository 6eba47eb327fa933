#include <algorithm>
#include <cmath>
#include <numeric>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/jackknife.h"
#include "analysis/null_band.h"
#include "analysis/seeded_random.h"
#include "analysis/student_t.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("Quantiles of Student's t are those of the printed tables") {
    CHECK_THAT(student_t_quantile(0.975, 1), WithinAbs(12.706, 5e-4));
    CHECK_THAT(student_t_quantile(0.975, 2), WithinAbs(4.303, 5e-4));
    CHECK_THAT(student_t_quantile(0.975, 11), WithinAbs(2.201, 5e-4));
    CHECK_THAT(student_t_quantile(0.975, 23), WithinAbs(2.069, 5e-4));
    CHECK_THAT(student_t_quantile(0.995, 10), WithinAbs(3.169, 5e-4));
    CHECK_THAT(student_t_quantile(0.975, 1e6), WithinAbs(1.95997, 1e-5));
    CHECK_THAT(student_t_quantile(0.025, 7), WithinRel(-student_t_quantile(0.975, 7), 1e-12));
}

TEST_CASE("The distribution function of t has its closed forms") {
    // df = 1 is Cauchy's, df = 2 is 1/2 + t / (2 sqrt(2 + t^2)).
    for (const double t : {-30.0, -2.0, -0.1, 0.0, 0.7, 5.0}) {
        CHECK_THAT(student_t_cdf(t, 1), WithinAbs(0.5 + std::atan(t) / std::acos(-1.0), 1e-13));
        CHECK_THAT(student_t_cdf(t, 2), WithinAbs(0.5 + t / (2 * std::sqrt(2 + t * t)), 1e-13));
    }
}

TEST_CASE("The jackknife of a mean is the mean with its ordinary standard error") {
    const std::vector<double> x = {1, 4, 2, 8, 5};
    const double mean = 4;
    std::vector<double> without;
    for (const double v : x) without.push_back((20 - v) / 4);
    const JackknifeResult result = jackknife(mean, without, std::vector<std::int32_t>(5, 0));
    CHECK_THAT(result.corrected, WithinAbs(mean, 1e-14));
    // Sample variance 30 / 4, over n = 5.
    CHECK_THAT(result.standard_error, WithinAbs(std::sqrt(30.0 / 4 / 5), 1e-14));
    CHECK(result.degrees == 4);
    CHECK_THAT(result.interval().half_width(),
               WithinAbs(2.776445105 * result.standard_error, 1e-8));
}

TEST_CASE("The jackknife makes the variance with divisor n unbiased") {
    const std::vector<double> x = {1, 4, 2, 8, 5};
    const auto biased = [](const std::vector<double>& v) {
        const auto n = static_cast<double>(v.size());
        const double mean = std::accumulate(v.begin(), v.end(), 0.0) / n;
        double squares = 0;
        for (const double value : v) squares += (value - mean) * (value - mean);
        return squares / n;
    };
    std::vector<double> without;
    for (std::size_t i = 0; i < x.size(); ++i) {
        std::vector<double> rest = x;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        without.push_back(biased(rest));
    }
    const JackknifeResult result =
        jackknife(biased(x), without, std::vector<std::int32_t>(x.size(), 0));
    CHECK_THAT(result.corrected, WithinAbs(30.0 / 4, 1e-13));
}

TEST_CASE("Strata add their biases, variances and degrees of freedom") {
    // A difference of two means: stratum 0 holds 1, 3; stratum 1 holds 2, 4, 9.
    const std::vector<double> without = {5.0 - 3, 5.0 - 1, 6.5 - 2, 5.5 - 2, 3.0 - 2};
    const std::vector<std::int32_t> stratum = {0, 0, 1, 1, 1};
    const JackknifeResult result = jackknife(3, without, stratum);
    CHECK_THAT(result.corrected, WithinAbs(3, 1e-14));
    CHECK_THAT(result.standard_error, WithinAbs(std::sqrt(2.0 / 2 + 13.0 / 3), 1e-14));
    CHECK(result.degrees == 3);
}

TEST_CASE("A replicate that cannot be computed makes the result missing") {
    const std::vector<double> without = {1, kMissing, 1};
    const JackknifeResult result = jackknife(1, without, std::vector<std::int32_t>(3, 0));
    CHECK(std::isnan(result.corrected));
    CHECK_FALSE(result.interval().has_interval());
    CHECK(std::isnan(result.p_value()));
}

TEST_CASE("Upper quantiles err on the safe side") {
    std::vector<double> values(200);
    std::iota(values.begin(), values.end(), 1.0);
    // ceil(0.95 * 201) = 191: 9 of 200 draws lie above, 10 of 201 with the observed value.
    CHECK(upper_quantile(values, 0.95) == 191);
    CHECK(lower_quantile(values, 0.05) == 10);
    CHECK(upper_quantile({3, 1, 2}, 0.95) == 3);
    CHECK(std::isnan(upper_quantile({}, 0.95)));
}

TEST_CASE("The simultaneous band is left by 5 % of null curves, not by 5 % of their layers") {
    constexpr std::size_t draws = 200, layers = 30, curves = 2000;
    SeededRandom random(3, "test");
    const auto noise = [&] {
        double sum = 0;
        for (int i = 0; i < 12; ++i)
            sum += static_cast<double>(random.below(1u << 20)) / (1u << 20);
        return sum;
    };
    // The mean and scale of every layer differ.
    const auto draw = [&](std::size_t l) { return static_cast<double>(l) + (1.0 + l) * noise(); };
    std::size_t outside = 0;
    constexpr std::size_t repeats = 40;
    for (std::size_t r = 0; r < repeats; ++r) {
        Grid<double> null(draws, layers);
        for (std::size_t b = 0; b < draws; ++b) {
            for (std::size_t l = 0; l < layers; ++l) null(b, l) = draw(l);
        }
        const std::vector<NullBand> bands = null_bands(null);
        for (std::size_t c = 0; c < curves / repeats; ++c) {
            bool left = false;
            for (std::size_t l = 0; l < layers; ++l) left |= draw(l) > bands[l].band;
            outside += left;
        }
    }
    // 100 expected of 2000; about 3 standard deviations, the bands' own scatter included.
    CHECK(outside > 60);
    CHECK(outside < 140);
}

TEST_CASE("Each draw is studentised by the others") {
    // The draw 3 lies 2 standard deviations (1) above the mean (1) of 0, 1 and 2; no other lies as
    // high. The band is 2 standard deviations of all four above their mean.
    const std::vector<NullBand> bands =
        null_bands(Grid<double>(4, 1, std::vector<double>{0, 1, 2, 3}));
    CHECK(bands[0].mean == 1.5);
    CHECK_THAT(bands[0].band, WithinAbs(1.5 + 2 * std::sqrt(5.0 / 3), 1e-12));
}

TEST_CASE("A layer without variation has its value as its band") {
    const std::vector<NullBand> bands = null_bands(Grid<double>(50, 2, 0.25));
    CHECK(bands[1].mean == 0.25);
    CHECK(bands[1].band == 0.25);
}

TEST_CASE("Seeded draws repeat, and streams of one seed differ") {
    SeededRandom a(7, "one"), b(7, "one"), c(7, "two");
    const auto first = a.below(1000000);
    CHECK(first == b.below(1000000));
    CHECK(first != c.below(1000000));
    std::vector<int> values(50);
    std::iota(values.begin(), values.end(), 0);
    a.shuffle(std::span(values));
    CHECK(std::accumulate(values.begin(), values.end(), 0) == 49 * 50 / 2);
    CHECK_FALSE(std::is_sorted(values.begin(), values.end()));
}
