// Sums under many labellings are those of one labelling after the other.
#include "analysis/resampled_sums.h"

#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/share.h"

using namespace alluvium;

namespace {

// More prompts than a tile and more draws than a batch, neither a multiple.
constexpr std::size_t kPrompts = 150, kDraws = 53, kGroups = 5, kExperts = 21;

Grid<double> rows_of(double step) {
    std::mt19937 random(1);
    Grid<double> rows(kPrompts, kExperts);
    for (double& x : rows.values()) x = step * static_cast<double>(random() % 50);
    return rows;
}

}  // namespace

TEST_CASE("Sums of whole numbers are exact, and others those of doubles, under every labelling") {
    // Whole numbers that floats add exactly, some that they do not, and fractions.
    const double step = GENERATE(1.0, 1e6, 0.1);
    const Grid<double> rows = rows_of(step);
    std::mt19937 random(2);
    Grid<std::int32_t> labels(kDraws, kPrompts);
    for (std::int32_t& label : labels.values()) label = static_cast<std::int32_t>(random() % 6) - 1;
    std::size_t seen = 0;
    ResampledSums(rows).relabelled(labels, kGroups, [&](std::size_t b, const Grid<double>& sums) {
        CHECK(b == seen++);
        CHECK(sums == sum_by_label(rows, labels.row(b), kGroups));
    });
    CHECK(seen == kDraws);
}

TEST_CASE("Prompts taken several times count as often") {
    const double step = GENERATE(1.0, 1e6, 0.125);
    const Grid<double> rows = rows_of(step);
    std::mt19937 random(3);
    std::vector<std::int32_t> labels;
    for (std::size_t p = 0; p < kPrompts; ++p)
        labels.push_back(static_cast<std::int32_t>(random() % 6) - 1);
    Grid<std::uint16_t> weights(kDraws, kPrompts);
    for (std::uint16_t& w : weights.values()) w = static_cast<std::uint16_t>(random() % 4);
    std::size_t seen = 0;
    ResampledSums(rows).reweighted(labels, weights, kGroups,
                                   [&](std::size_t b, const Grid<double>& sums) {
                                       Grid<double> expected(kGroups, kExperts);
                                       for (std::size_t p = 0; p < kPrompts; ++p) {
                                           if (labels[p] < 0) continue;
                                           const auto g = static_cast<std::size_t>(labels[p]);
                                           for (std::size_t e = 0; e < kExperts; ++e) {
                                               expected(g, e) += weights(b, p) * rows(p, e);
                                           }
                                       }
                                       CHECK(sums == expected);
                                       ++seen;
                                   });
    CHECK(seen == kDraws);
}
