#include <cmath>
#include <limits>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "captures/trace_data.h"

namespace alluvium {
namespace {

// Two prompts of two and one tokens, one layer with 3 experts, top 2.
TraceData small_trace() {
    TraceData data;
    data.header.prompts.text = {"a b", "c"};
    data.header.prompts.language = {"en", "fr"};
    data.header.prompts.token_count = {2, 1};
    data.header.layers = {{.layer = 5, .experts = 3, .top_k = 2}};
    data.tokens.id = {10, 11, 12};
    LayerData layer;
    layer.experts = Grid<ExpertId>(3, 2, {0, 1, 2, 0, 1, 2});
    layer.weights = Grid<float>(3, 2, {0.75F, 0.25F, 0.5F, 0.5F, 1.0F, 0.0F});
    data.layers = {layer};
    return data;
}

TEST_CASE("a trace in memory fills in what follows from the prompts' token counts") {
    const TracePtr trace = make_trace(small_trace());
    CHECK(trace->header().token_count == 3);
    CHECK(trace->header().prompts.first_token == std::vector<TokenPos>{0, 2});
    CHECK(trace->header().layers[0].has_weights);
    CHECK_FALSE(trace->header().layers[0].has_logits);
    const TokenTable tokens = trace->tokens({1, 3});
    CHECK(tokens.id == std::vector<std::uint32_t>{11, 12});
    CHECK(tokens.prompt == std::vector<std::uint32_t>{0, 1});
    CHECK(tokens.position == std::vector<std::uint32_t>{1, 0});
    CHECK(trace->experts(0, {1, 3}) == Grid<ExpertId>(2, 2, {2, 0, 1, 2}));
}

TEST_CASE("rows of unfinished prompts are missing whatever they hold") {
    TraceData data = small_trace();
    data.header.prompts.done = {0, 1};
    const TracePtr trace = make_trace(std::move(data));
    CHECK(trace->experts(0, {0, 3})(1, 0) == kMissingExpert);
    CHECK(trace->experts(0, {0, 3})(2, 0) == 1);
    CHECK(std::isnan(trace->weights(0, {0, 3})(0, 0)));
    CHECK(trace->weights(0, {0, 3})(2, 0) == 1.0F);
}

TEST_CASE("impossible rows are missing with their weights and said to be so") {
    TraceData data = small_trace();
    data.layers[0].experts = Grid<ExpertId>(3, 2, {0, 3, 2, 2, 1, kMissingExpert});
    data.layers[0].weights(2, 0) = std::numeric_limits<float>::infinity();
    const TracePtr trace = make_trace(std::move(data));
    const Grid<ExpertId> rows = trace->experts(0, {0, 3});
    CHECK(rows(0, 0) == kMissingExpert);
    CHECK(rows(1, 0) == kMissingExpert);
    CHECK(rows(2, 0) == 1);
    CHECK(std::isnan(trace->weights(0, {0, 3})(0, 0)));
    CHECK(std::isnan(trace->weights(0, {0, 3})(2, 0)));
    REQUIRE(trace->header().warnings.size() == 1);
    CHECK(trace->header().warnings[0] ==
          "layer 5: 1 rows with an expert out of range and 1 with the same expert twice are taken "
          "as missing");
}

TEST_CASE("sizes that disagree are refused by the field's name") {
    TraceData data = small_trace();
    data.layers[0].weights = Grid<float>(2, 2);
    CHECK_THROWS_AS(make_trace(std::move(data)), UserError);
    data = small_trace();
    data.header.prompts.token_count = {2, 2};
    CHECK_THROWS_AS(make_trace(std::move(data)), UserError);
}

TEST_CASE("a counts trace keeps its aggregates") {
    TraceData data;
    data.header.kind = TraceKind::counts;
    data.header.groups.label = {"en", "sw"};
    data.header.groups.tokens = {10, 20};
    data.header.layers = {{.layer = 0, .experts = 2, .top_k = 1}};
    data.layers.resize(1);
    data.layers[0].counts.count = Grid<std::uint64_t>(2, 2, {4, 6, 5, 15});
    const TracePtr trace = make_trace(std::move(data));
    CHECK(trace->counts(0).count(1, 1) == 15);
    CHECK(trace->counts(0).weight_sum.empty());
    CHECK_FALSE(trace->layers()[0].has_experts);
}

}  // namespace
}  // namespace alluvium
