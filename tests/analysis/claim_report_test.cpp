// A judged claim as a document.
#include "analysis/claims/claim_report.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;

namespace {

Claim spread_claim() {
    Claim claim;
    claim.path = "claims/spread.toml";
    claim.file_hash = "71b2";
    claim.name = "spread out";
    claim.statement = "Languages part ways in the last layers.";
    claim.patterns = {Pattern::spread_out_in_the_end, Pattern::rising};
    claim.controls.robustness = 0.75;
    return claim;
}

std::vector<ClaimResult> two_results() {
    ClaimResult first{.path = "runs/a.h5", .model = {.name = "M"}};
    first.outcome = Outcome::supported;
    first.verdict.pattern = Pattern::rising;
    first.effects = {{"late - middle", {0.05, 0.04, 0.06}, 0.999, 7}};
    first.design.units = 24;
    first.reasons = {"the verdict is rising"};
    ClaimResult second{.path = "runs/b.h5"};
    second.verdict.pattern = Pattern::flat;
    second.reasons = {"counts per group | without prompts"};
    return {first, second};
}

std::string markdown() {
    return report_markdown(
        claim_report(spread_claim(), two_results(), {}, "alluvium claim spread.toml"));
}

}  // namespace

TEST_CASE("A claim's report has every trace's outcome, effect, power and reasons") {
    const std::string text = markdown();
    CHECK(text.starts_with("# Claim: spread out\n\nLanguages part ways in the last layers.\n"));
    CHECK_THAT(text,
               ContainsSubstring("Supported by 1 of 2 traces, refuted by 0, left open by 1."));
    CHECK_THAT(text, ContainsSubstring("| a | supported | rising | late - middle | +0.05 "
                                       "\\[0.04, 0.06\\] | above 0.99 | 24 | 7 |"));
    CHECK_THAT(text, ContainsSubstring("| b | inconclusive | flat | - | - | - | - | - |"));
    CHECK_THAT(text, ContainsSubstring("- the verdict is rising\n"));
    CHECK_THAT(text, ContainsSubstring("a is supported. runs/a.h5: M, 0 languages, 0 tokens."));
    CHECK_THAT(text, ContainsSubstring("b is inconclusive. runs/b.h5: 0 languages, 0 tokens."));
}

TEST_CASE("A claim's report says what was fixed beforehand, and how it was made") {
    const std::string text = markdown();
    CHECK_THAT(text, ContainsSubstring("| claim file | spread.toml, hash 71b2 |"));
    CHECK_THAT(text, ContainsSubstring("the verdict is spread\\_out\\_in\\_the\\_end or rising"));
    CHECK_THAT(text, ContainsSubstring("at least 75 % of the other ways to count agree"));
    CHECK_THAT(text, ContainsSubstring("| planned power | 0.80 for an effect of 0.05 |"));
    CHECK_THAT(text, ContainsSubstring("Made by: alluvium claim spread.toml"));
}

TEST_CASE("Words that look like markup stay words in Markdown") {
    CHECK_THAT(markdown(), ContainsSubstring("- counts per group \\| without prompts\n"));
    const Report report{"a_b", {ReportTable{{"x"}, {{"1\n2|3"}}}}};
    CHECK(report_markdown(report) == "# a\\_b\n\n| x |\n|---|\n| 1 2\\|3 |\n");
}
