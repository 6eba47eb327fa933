#include "app/session/number_text.h"

#include <limits>

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

TEST_CASE("Numbers show three significant digits") {
    CHECK(three_digits(0.41349) == "0.413");
    CHECK(three_digits(0.0833333) == "0.0833");
    CHECK(three_digits(0.99951) == "1.00");
    CHECK(three_digits(1) == "1.00");
    CHECK(three_digits(12.345) == "12.3");
    CHECK(three_digits(99.96) == "100");
    CHECK(three_digits(123.4) == "123");
    CHECK(three_digits(-0.0123) == "-0.0123");
    CHECK(three_digits(0) == "0.00");
    CHECK(three_digits(999.7) == "1,000");
    CHECK(three_digits(-41210.4) == "-41,210");
}

TEST_CASE("A missing value says so instead of a number") {
    CHECK(three_digits(std::numeric_limits<double>::quiet_NaN()) == "missing");
    CHECK(three_digits(std::numeric_limits<double>::infinity()) == "missing");
}

TEST_CASE("Counts are grouped in threes") {
    CHECK(grouped_digits(0) == "0");
    CHECK(grouped_digits(999) == "999");
    CHECK(grouped_digits(1204) == "1,204");
    CHECK(grouped_digits(41210000) == "41,210,000");
}

TEST_CASE("Durations are said in two units at most") {
    CHECK(duration_text(7.6) == "8 s");
    CHECK(duration_text(200) == "3 min 20 s");
    CHECK(duration_text(7500) == "2 h 05 min");
    CHECK(duration_text(-1) == "unknown");
}
