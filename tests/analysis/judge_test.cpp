// The table of patterns and what surrounds it, on curves made by hand.
#include <cmath>
#include <numeric>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/depth_curve.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;

namespace {

constexpr std::size_t kUnits = 10;

// Leaving unit i out moves every layer of a third by `noise` up or down in turn, so that the
// half-width of each contrast is about 2.26 * 0.9 * sqrt(10) * noise * sqrt(2).
DepthCurve curve_of(const std::vector<double>& values, double noise = 1e-4) {
    DepthCurve curve;
    curve.layers.resize(values.size());
    std::iota(curve.layers.begin(), curve.layers.end(), LayerId{0});
    curve.value = values;
    curve.ceiling.assign(values.size(), 1.0);
    curve.band.assign(values.size(), 0.01);
    curve.stratum.assign(kUnits, 0);
    curve.without = Grid<double>(kUnits, values.size());
    const Thirds thirds = thirds_of(values.size());
    for (std::size_t u = 0; u < kUnits; ++u) {
        for (std::size_t l = 0; l < values.size(); ++l) {
            const bool middle = l >= thirds.middle_begin && l < thirds.late_begin;
            const double sign = (u % 2 == 0) == middle ? 1 : -1;
            curve.without(u, l) = values[l] + sign * noise;
        }
    }
    return curve;
}

std::vector<double> thirds_at(double early, double middle, double late) {
    return {early, early, middle, middle, late, late};
}

}  // namespace

TEST_CASE("Each pair of signs has its pattern") {
    struct Row {
        double early, middle, late;
        Pattern pattern;
    };
    const Row row = GENERATE(
        Row{0.1, 0.1, 0.2, Pattern::spread_out_in_the_end}, Row{0.2, 0.1, 0.2, Pattern::u_shaped},
        Row{0.2, 0.1, 0.1, Pattern::front_loaded}, Row{0.1, 0.2, 0.1, Pattern::middle_peaked},
        Row{0.1, 0.1, 0.1, Pattern::flat}, Row{0.2, 0.2, 0.1, Pattern::late_convergence},
        Row{0.1, 0.2, 0.2, Pattern::early_rise}, Row{0.1, 0.2, 0.3, Pattern::rising},
        Row{0.3, 0.2, 0.1, Pattern::falling});
    const Verdict inferential = judge(curve_of(thirds_at(row.early, row.middle, row.late)));
    CHECK(to_string(inferential.pattern) == to_string(row.pattern));
    CHECK(inferential.basis == Basis::inferential);
    CHECK_THAT(inferential.d_late.value, WithinAbs(row.late - row.middle, 1e-12));
    CHECK_THAT(inferential.d_early.value, WithinAbs(row.early - row.middle, 1e-12));

    DepthCurve counts = curve_of(thirds_at(row.early, row.middle, row.late));
    counts.descriptive = true;
    counts.without = {};
    counts.band = {};
    const Verdict descriptive = judge(counts);
    CHECK(to_string(descriptive.pattern) == to_string(row.pattern));
    CHECK(descriptive.basis == Basis::descriptive);
    CHECK_FALSE(descriptive.d_late.has_interval());
}

TEST_CASE("A difference below 0.02 is none, however sure it is") {
    CHECK(judge(curve_of(thirds_at(0.1, 0.1, 0.115))).pattern == Pattern::flat);
    CHECK(judge(curve_of(thirds_at(0.1, 0.1, 0.121))).pattern == Pattern::spread_out_in_the_end);
}

TEST_CASE("A wide interval is inconclusive and names the units that would be needed") {
    // Each replicate's contrast moves by 2 * 0.002; its standard error is 0.9 sqrt(10) * 0.004.
    const Verdict verdict = judge(curve_of(thirds_at(0.1, 0.1, 0.11), 0.002));
    CHECK(verdict.pattern == Pattern::inconclusive);
    CHECK(verdict.late_sign == '?');
    const double half_width = 2.262157 * std::sqrt(0.9 * 10 * 0.004 * 0.004);
    CHECK_THAT(verdict.d_late.half_width(), WithinAbs(half_width, 1e-6));
    // The late contrast (0.01) needs a half-width of 0.01, the early one (0) of 0.02.
    CHECK(verdict.units_needed ==
          static_cast<std::size_t>(std::ceil(10 * half_width * half_width / 1e-4)));
}

TEST_CASE("An uncertain sign never counts as 0") {
    // Late is far above the middle; early is somewhere between -0.03 and 0.03.
    const Verdict verdict = judge(curve_of(thirds_at(0.1, 0.1, 0.3), 0.002));
    CHECK(verdict.late_sign == '+');
    CHECK(verdict.early_sign == '?');
    CHECK(verdict.pattern == Pattern::inconclusive);
}

TEST_CASE("All layers inside the band are decided first") {
    DepthCurve curve = curve_of(thirds_at(0.1, 0.1, 0.3));
    curve.band.assign(6, 0.4);
    CHECK(judge(curve).pattern == Pattern::no_language_routing);
    curve.band[5] = 0.2;
    CHECK(judge(curve).pattern == Pattern::spread_out_in_the_end);
    // Counts have no band to be inside of.
    curve.band.assign(6, 0.4);
    curve.descriptive = true;
    CHECK(judge(curve).pattern == Pattern::spread_out_in_the_end);
}

TEST_CASE("Fewer than 6 routed layers are too few") {
    CHECK(judge(curve_of({0.1, 0.1, 0.1, 0.1, 0.3})).pattern == Pattern::too_few_routed_layers);
    CHECK(judge(curve_of({0.1, 0.3})).pattern == Pattern::too_few_routed_layers);
    CHECK(judge(curve_of({0.1})).pattern == Pattern::too_few_routed_layers);
}

TEST_CASE("Thirds are rounded down at both ends and the middle takes the rest") {
    const Verdict verdict = judge(curve_of({0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3}));
    CHECK(verdict.early_layers.first == 0);
    CHECK(verdict.early_layers.last == 1);
    CHECK(verdict.middle_layers.first == 2);
    CHECK(verdict.middle_layers.last == 5);
    CHECK(verdict.late_layers.first == 6);
    CHECK(verdict.late_layers.last == 7);
    CHECK_THAT(verdict.early, WithinAbs(0.1, 1e-12));
    CHECK_THAT(verdict.middle, WithinAbs(0.2, 1e-12));
    CHECK_THAT(verdict.late, WithinAbs(0.3, 1e-12));
}

TEST_CASE("Thresholds are on the scale of the ceiling") {
    DepthCurve curve = curve_of(thirds_at(0.05, 0.05, 0.06));
    CHECK(judge(curve).pattern == Pattern::flat);
    curve.ceiling.assign(6, 0.35);
    CHECK(judge(curve).pattern == Pattern::spread_out_in_the_end);
    CHECK_THAT(judge(curve).d_late.value, WithinAbs(0.01 / 0.35, 1e-12));
}

TEST_CASE("Without intervals a token trace is inconclusive, not descriptive") {
    DepthCurve curve = curve_of(thirds_at(0.1, 0.1, 0.3));
    curve.without = {};
    const Verdict verdict = judge(curve);
    CHECK(verdict.pattern == Pattern::inconclusive);
    CHECK(verdict.basis == Basis::inferential);
    CHECK(std::isnan(verdict.late));
    CHECK(verdict.units_needed == 0);
}

TEST_CASE("Layers where no divergence is possible are left out of their window") {
    DepthCurve curve = curve_of(thirds_at(0.1, 0.1, 0.3));
    curve.ceiling[4] = 0;
    CHECK_THAT(judge(curve).late, WithinAbs(0.3, 1e-12));
    curve.ceiling[5] = 0;
    const Verdict verdict = judge(curve);
    CHECK(std::isnan(verdict.late));
    CHECK(verdict.pattern == Pattern::inconclusive);
}

TEST_CASE("The last two layers are judged with a wider interval when other contrasts are clearer") {
    // late_two is the least clear of the three: Holm leaves it at 95 %. Where it is the clearest it
    // is held to 1 - 0.05 / 3.
    DepthCurve curve = curve_of({0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2});
    const Estimate least = judge(curve).late_two;
    for (std::size_t u = 0; u < kUnits; ++u) curve.without(u, 8) += u % 2 == 0 ? -2e-4 : 2e-4;
    const Estimate noisier = judge(curve).late_two;
    CHECK(noisier.half_width() > least.half_width());
    CHECK_THAT(least.value, WithinAbs(0.1, 1e-12));
    CHECK_THAT(noisier.value, WithinAbs(0.1, 1e-12));
}

TEST_CASE("Onset is the first late layer from which divergence stays up") {
    std::vector<double> values(12, 0.1);
    values[8] = 0.3;  // up, but not for good
    values[10] = values[11] = 0.3;
    DepthCurve curve = curve_of(values);
    curve.bootstrap = Grid<double>(40, 12);
    for (std::size_t b = 0; b < 40; ++b) {
        for (std::size_t l = 0; l < 12; ++l) curve.bootstrap(b, l) = values[l];
    }
    // In a tenth of the samples layer 9 is up as well.
    for (std::size_t b = 0; b < 4; ++b) curve.bootstrap(b, 9) = 0.3;
    const Verdict verdict = judge(curve);
    REQUIRE(verdict.onset.has_value());
    CHECK(verdict.onset->layer == 10);
    CHECK(verdict.onset->low == 8);
    CHECK(verdict.onset->high == 10);
    CHECK(verdict.onset->found == 1);
}

TEST_CASE("There is no onset where the last layer falls back, or stays inside the band") {
    std::vector<double> values(9, 0.1);
    values[7] = 0.3;
    CHECK_FALSE(judge(curve_of(values)).onset.has_value());
    values[8] = 0.3;
    DepthCurve curve = curve_of(values);
    REQUIRE(judge(curve).onset.has_value());
    curve.band[8] = 0.35;
    CHECK_FALSE(judge(curve).onset.has_value());
}
