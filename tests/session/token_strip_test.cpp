#include "app/session/token_strip.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "tests/support/language_trace.h"

using namespace alluvium;
using alluvium::test::language_trace_data;

TEST_CASE("A strip holds the prompt's text and the experts of every token at the layer asked for") {
    const TraceData data = language_trace_data({});
    const TracePtr trace = make_trace(data);
    const std::size_t prompt = 7, routed = 5;
    const TokenStrip strip = read_token_strip(*trace, prompt, routed);
    CHECK(strip.language == "ar");
    CHECK(strip.text == data.header.prompts.text[prompt]);
    CHECK(strip.layer == 5);
    REQUIRE(strip.tokens.size() == 20);
    const std::size_t first = data.header.prompts.first_token[prompt];
    for (std::size_t t = 0; t < strip.tokens.size(); ++t) {
        CHECK(strip.tokens[t].experts[0] == data.layers[routed].experts(first + t, 0));
        CHECK(strip.tokens[t].experts[1] == data.layers[routed].experts(first + t, 1));
        CHECK(strip.tokens[t].weights[0] == data.layers[routed].weights(first + t, 0));
        CHECK(strip.tokens[t].begin == data.tokens.byte_begin[first + t]);
    }
}

TEST_CASE("A trace of counts has no tokens to show") {
    TraceHeader header;
    header.kind = TraceKind::counts;
    TraceData data;
    data.header = header;
    data.header.groups = {{"fr"}, {10}};
    data.header.layers.resize(1);
    data.header.layers[0].experts = 2;
    data.header.layers[0].top_k = 1;
    data.layers.resize(1);
    data.layers[0].counts.count = Grid<std::uint64_t>(1, 2, {4, 6});
    CHECK_THROWS_AS(read_token_strip(*make_trace(data), 0, 0), UserError);
}
