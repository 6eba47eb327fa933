// Routers that learned nothing, beside the one that did.
#include "analysis/random_router.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "analysis/analysis_json.h"
#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Matchers::WithinAbs;

namespace {

AnalysisOptions quick() {
    AnalysisOptions options;
    options.permutations = 20;
    options.bootstraps = 0;
    options.noise_splits = 0;
    options.controls.robustness = false;
    return options;
}

// A trace whose redrawn routers are the routers of other planted traces.
TraceData with_redrawn(std::size_t routers) {
    PlantedTrace plan;
    plan.pull = [](double) { return 0.5; };
    TraceData data = planted_data(plan);
    for (std::size_t r = 0; r < routers; ++r) {
        PlantedTrace redrawn = plan;
        redrawn.pull = [r](double) { return 0.1 * static_cast<double>(r); };
        redrawn.seed = 10 + r;
        const TraceData other = planted_data(redrawn);
        for (std::size_t l = 0; l < data.layers.size(); ++l) {
            data.layers[l].random_experts.push_back(other.layers[l].experts);
        }
    }
    return data;
}

Analysis analyse(const TraceData& data) {
    Progress progress;
    return analyze(*make_trace(data), quick(), progress);
}

}  // namespace

TEST_CASE("Redrawn routers give the mean of their own corrected divergences and its spread") {
    const TraceData data = with_redrawn(3);
    const Analysis analysis = analyse(data);
    // Each router analysed as if it were the trace's own.
    for (const std::size_t l : {0u, 8u}) {
        std::vector<double> own;
        for (std::size_t r = 0; r < 3; ++r) {
            TraceData alone = data;
            for (LayerData& layer : alone.layers) layer.experts = layer.random_experts[r];
            own.push_back(analyse(alone).layers[l].divergence.corrected);
        }
        const double mean = (own[0] + own[1] + own[2]) / 3;
        double squares = 0;
        for (const double d : own) squares += (d - mean) * (d - mean);
        const RandomRouter& found = analysis.layers[l].random_router;
        CHECK(found.draws == 3);
        CHECK_THAT(found.mean, WithinAbs(mean, 1e-12));
        // t(2) at 97.5 % is 4.302653 (any table).
        const double half = 4.302653 * std::sqrt(squares / 2 * (1 + 1.0 / 3));
        CHECK_THAT(found.high - found.mean, WithinAbs(half, 1e-6));
        CHECK(analysis.layers[l].divergence.corrected > found.mean);
    }
}

TEST_CASE("One redrawn router has no spread, and a trace without says why") {
    const Json one = analysis_json(analyse(with_redrawn(1)));
    CHECK(one["layers"][0]["random_router"]["mean"].is_number());
    CHECK(one["layers"][0]["random_router"]["low"].is_null());
    const Json none = analysis_json(analyse(with_redrawn(0)));
    CHECK(none["layers"][0]["random_router"].is_null());
    CHECK(none["missing"].contains("random_router"));
}
