// Paths through several layers: hand calculations, and slow versions with strings for paths.
#include <cmath>
#include <map>
#include <set>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/paths/path_entropy.h"
#include "analysis/paths/path_overlap.h"
#include "analysis/paths/paths_json.h"
#include "analysis/paths/route_paths.h"
#include "base/error.h"
#include "tests/analysis/planted_trace.h"

using Catch::Approx;

namespace alluvium {
namespace {

RoutePaths paths_of(const TraceData& data, const PathOptions& options = {},
                    const AnalysisOptions& analysis = {}) {
    Progress progress;
    return route_paths(*make_trace(data), analysis, options, progress);
}

using Shares = std::map<std::string, double>;  // path -> share of the label's tokens

// The slow version: a string per token.
std::map<std::string, Shares> slow_shares(const TraceData& data, std::size_t first,
                                          std::size_t length) {
    std::map<std::string, Shares> shares;
    std::map<std::string, double> tokens;
    for (std::size_t t = 0; t < data.tokens.id.size(); ++t) {
        std::string path;
        for (std::size_t l = first; l < first + length; ++l) {
            path += std::to_string(data.layers[l].experts(t, 0)) + " ";
        }
        const std::string& label = data.header.prompts.language[data.tokens.prompt[t]];
        ++shares[label][path];
        ++tokens[label];
    }
    for (auto& [label, of_label] : shares) {
        for (auto& [path, share] : of_label) share /= tokens[label];
    }
    return shares;
}

double slow_overlap(const Shares& a, const Shares& b) {
    double sum = 0;
    for (const auto& [path, share] : a) {
        if (b.contains(path)) sum += std::min(share, b.at(path));
    }
    return sum;
}

}  // namespace

TEST_CASE("path entropy corrects for the paths that were not seen") {
    // Counts 3, 1: N = 4, f1 = 1, coverage 3/4; C p = 9/16, 3/16.
    const std::vector<std::uint32_t> counts{3, 0, 1};
    const PathEntropy entropy = path_entropy(counts);
    CHECK(entropy.observed == Approx(-0.75 * std::log(0.75) - 0.25 * std::log(0.25)));
    CHECK(entropy.coverage == 0.75);
    const double a = 9.0 / 16, b = 3.0 / 16;
    CHECK(entropy.corrected == Approx(-a * std::log(a) / (1 - std::pow(1 - a, 4)) -
                                      b * std::log(b) / (1 - std::pow(1 - b, 4))));
    CHECK(entropy.effective == Approx(std::exp(entropy.corrected)));

    CHECK(path_entropy(std::vector<std::uint32_t>{7}).corrected == 0);
    CHECK(std::isnan(path_entropy(std::vector<std::uint32_t>{0, 0}).observed));
    CHECK(std::isfinite(path_entropy(std::vector<std::uint32_t>{1, 1, 1}).corrected));
}

TEST_CASE("of evenly frequent paths the corrected entropy comes near their number") {
    // 300 tokens over 200 equally frequent paths: as observed at most log 200, and well below it.
    std::mt19937_64 random(3);
    double observed = 0, corrected = 0;
    for (int draw = 0; draw < 20; ++draw) {
        std::vector<std::uint32_t> counts(200, 0);
        for (int t = 0; t < 300; ++t) ++counts[test::planted::below(random, 200)];
        observed += path_entropy(counts).observed / 20;
        corrected += path_entropy(counts).corrected / 20;
    }
    CHECK(observed < std::log(200) - 0.25);
    // What is left of the bias, at one and a half tokens a path.
    CHECK(std::fabs(corrected - std::log(200)) < 0.35 * (std::log(200) - observed));
}

TEST_CASE("shares, lifts and overlap of paths are those of a count with strings") {
    test::PlantedTrace plan;
    plan.languages = 3;
    plan.groups = 6;
    plan.layers = 4;
    plan.experts = 5;
    plan.pull = [](double) { return 0.5; };
    const TraceData data = test::planted_data(plan);
    const RoutePaths paths = paths_of(data, {.length = 3});
    REQUIRE(paths.windows.size() == 2);
    CHECK(paths.groups == std::vector<std::string>{"l0", "l1", "l2"});
    for (std::size_t w = 0; w < 2; ++w) {
        const PathWindow& window = paths.windows[w];
        const auto shares = slow_shares(data, w, 3);
        double overlap = 0;
        for (std::size_t a = 0; a < 3; ++a) {
            const Shares& of_a = shares.at("l" + std::to_string(a));
            for (std::size_t b = 0; b < 3; ++b) {
                const double expected = slow_overlap(of_a, shares.at("l" + std::to_string(b)));
                CHECK(window.pairwise(a, b) == Approx(expected).epsilon(1e-12));
                if (a < b) overlap += expected / 3;
            }
            double entropy = 0, most = 0;
            for (const auto& [path, share] : of_a) {
                entropy -= share * std::log(share);
                most = std::max(most, share);
            }
            CHECK(window.entropy[a].observed == Approx(entropy).epsilon(1e-12));
            const FrequentPath& first = window.frequent[a].front();
            CHECK(first.share == Approx(most));
            std::string name;
            for (const ExpertId e : first.experts) name += std::to_string(e) + " ";
            CHECK(of_a.at(name) == Approx(most));
            double mean = 0;
            for (const auto& [label, of_label] : shares) {
                mean += of_label.contains(name) ? of_label.at(name) / 3 : 0;
            }
            CHECK(first.lift == Approx(most / mean));
            CHECK(window.frequent[a].size() == 5);
            CHECK(window.frequent[a][0].share >= window.frequent[a][1].share);
        }
        CHECK(window.overlap == Approx(overlap).epsilon(1e-12));
        // Languages pull apart: fewer common paths than permuted labels have.
        CHECK(window.overlap < window.overlap_null_p05);
    }
}

TEST_CASE("languages that route alike have as many paths in common as chance gives") {
    test::PlantedTrace plan;
    plan.layers = 3;
    const RoutePaths paths = paths_of(test::planted_data(plan), {.length = 2});
    for (const PathWindow& window : paths.windows) {
        CHECK(std::fabs(window.overlap - window.overlap_null) < 0.05);
        CHECK(window.overlap_null < 0.95);  // finite samples never agree wholly
    }
}

TEST_CASE("a window says which dense layers it spans, and leaves out tokens without an expert") {
    test::PlantedTrace plan;
    plan.languages = 2;
    plan.groups = 2;
    plan.layers = 3;
    TraceData data = test::planted_data(plan);
    data.header.layers[1].layer = 3;
    data.header.layers[2].layer = 6;
    data.layers[1].experts(0, 0) = kMissingExpert;
    const RoutePaths paths = paths_of(data, {.length = 2});
    REQUIRE(paths.windows.size() == 2);
    CHECK(paths.windows[0].layers == std::vector<LayerId>{0, 3});
    CHECK(paths.windows[0].dense_between == std::vector<LayerId>{1, 2});
    CHECK(paths.windows[1].dense_between == std::vector<LayerId>{4, 5});
    CHECK(paths.windows[0].tokens[0] == 39);
    CHECK(paths.windows[0].tokens[1] == 40);
    CHECK(paths_json(paths)["windows"][0]["groups"]["l0"]["tokens"] == 39);
    CHECK(paths_of(data, {.length = 4}).missing.contains("windows"));
    CHECK_THROWS_AS(paths_of(data, {.length = 5}), UserError);
}

TEST_CASE("of a sample that is too large whole units are drawn") {
    test::PlantedTrace plan;
    plan.languages = 2;
    plan.groups = 10;
    plan.layers = 2;
    const RoutePaths paths = paths_of(test::planted_data(plan), {.length = 2, .most_tokens = 150});
    CHECK(paths.drawn);
    // Units of 2 x 20 tokens until 150 are reached.
    CHECK(paths.windows[0].tokens == std::vector<std::uint64_t>{80, 80});
}

}  // namespace alluvium
