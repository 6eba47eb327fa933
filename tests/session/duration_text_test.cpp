#include "app/session/duration_text.h"

#include <limits>

#include <catch2/catch_test_macros.hpp>

using alluvium::duration_text;

TEST_CASE("Durations are said in two units at most") {
    CHECK(duration_text(7.6) == "8 s");
    CHECK(duration_text(59.7) == "1 min 00 s");
    CHECK(duration_text(200) == "3 min 20 s");
    CHECK(duration_text(7500) == "2 h 05 min");
}

TEST_CASE("An unknown duration says so") {
    CHECK(duration_text(-1) == "unknown");
    CHECK(duration_text(std::numeric_limits<double>::infinity()) == "unknown");
}
