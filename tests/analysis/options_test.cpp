#include "analysis/options.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/number_text.h"
#include "base/error.h"

using namespace alluvium;

TEST_CASE("Keep rules read what they write") {
    const std::string text = GENERATE("mass:0.5", "ratio:0.5", "mass:1", "ratio:0.125");
    CHECK(to_string(parse_keep_rule(text)) == text);
}

TEST_CASE("Keep rules that make no sense are refused") {
    const std::string text = GENERATE("", "mass", "mass:", "mass:x", "mass:0", "ratio:1.5", "top:3",
                                      "mass:0.5 ", "mass:nan");
    INFO(text);
    CHECK_THROWS_AS(parse_keep_rule(text), UserError);
}

TEST_CASE("Weighting and flow are named as on the command line") {
    CHECK(parse_weighting("mass") == Weighting::mass);
    CHECK(parse_flow("top1") == FlowKind::top1);
    CHECK_THROWS_AS(parse_weighting("weights"), UserError);
    CHECK_THROWS_AS(parse_flow("topk"), UserError);
}

TEST_CASE("Intervals print as many digits as tell their bounds apart") {
    CHECK(interval_text({0.09, 0.07, 0.11}) == "+0.09 [0.07, 0.11]");
    CHECK(interval_text({0.0912, 0.0908, 0.0916}) == "+0.091 [0.091, 0.092]");
    CHECK(interval_text({-0.05, kMissing, kMissing}) == "-0.05");
    CHECK(signed_text(-0.0001) == "0.00");
    CHECK(fixed_text(kMissing) == "missing");
    CHECK(thousands_text(41210) == "41,210");
    CHECK(thousands_text(999) == "999");
    CHECK(thousands_text(1000000) == "1,000,000");
}
