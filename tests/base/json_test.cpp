#include "base/json.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"

using namespace alluvium;

TEST_CASE("text that is no JSON is refused by its name and line") {
    try {
        parse_json("{\n\"a\": }", "config.json");
        FAIL("nothing was thrown");
    } catch (const UserError& error) {
        CHECK(std::string(error.what()) == "'config.json' is not valid JSON (line 2)");
    }
}

TEST_CASE("a number beyond what a computer holds is refused, too") {
    CHECK_THROWS_AS(parse_json("{\"rope_theta\": 1e999999}", "config.json"), UserError);
}
