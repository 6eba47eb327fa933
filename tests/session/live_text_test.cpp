#include "app/session/live_text.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

LiveTokens step(std::size_t first, std::vector<std::uint32_t> ids, std::string text) {
    LiveTokens tokens{.prompt = 0, .first = first, .of_prompt = 2, .text = std::move(text)};
    tokens.layers = {3, 5};
    for (const std::uint32_t id : ids) {
        tokens.begin.push_back(id);
        tokens.end.push_back(id + 1);
    }
    tokens.ids = std::move(ids);
    tokens.experts.assign(2, Grid<ExpertId>(tokens.ids.size(), 1, ExpertId(first)));
    tokens.experts[1](0, 0) = 9;
    return tokens;
}

}  // namespace

TEST_CASE("a text grows token by token, each with the experts of the layer that is looked at") {
    int woken = 0;
    LiveText live([&] { ++woken; });
    CHECK_FALSE(live.strip(0, 3).has_value());
    live.add(step(0, {0, 1}, "ab"));
    live.add(step(2, {2}, "abc"));
    CHECK(woken == 2);
    const auto strip = live.strip(0, 3);
    REQUIRE(strip);
    CHECK(strip->layer == 3);
    CHECK(strip->text == "abc");
    REQUIRE(strip->tokens.size() == 3);
    CHECK(strip->tokens[2].id == 2);
    CHECK(strip->tokens[2].experts.front() == 2);
    CHECK(strip->tokens[2].begin == 2);
    // No such layer: the last one.
    CHECK(live.strip(0, -1)->layer == 5);
    CHECK(live.strip(0, 5)->tokens[2].experts.front() == 9);
    CHECK(live.prompts() == std::vector<std::size_t>{0});
}
