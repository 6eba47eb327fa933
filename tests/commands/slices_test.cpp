// Slices, searches and claims as a person asks for them, on the committed captures.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/json.h"
#include "tests/support/program.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using test::quoted;
using test::run_program;

namespace {

const std::filesystem::path kExamples = ALLUVIUM_SOURCE_DIR "/captures/examples";
const std::filesystem::path kTrace = kExamples / "specimen-hybrid-k.h5";

}  // namespace

TEST_CASE("a slice is analysed, and what it misspells is marked", "[model]") {
    const auto words =
        run_program("analyze " + quoted(kTrace) + " --where class=word --no-controls --json -q");
    REQUIRE(words.exit_code == 0);
    const Json analysis = Json::parse(words.output);
    CHECK(analysis["where"] == "class=word");
    CHECK(analysis["sample"]["census"]["selected"] == 6846);
    CHECK(analysis["sample"]["census"]["outside"] == 8365 - 6846);
    const auto misspelt = run_program("analyze " + quoted(kTrace) + " --where 'langage=fr' -q");
    CHECK(misspelt.exit_code == 2);
    CHECK_THAT(misspelt.errors, ContainsSubstring("  langage=fr\n  ^^^^^^^\n"));
}

TEST_CASE("a search finds whose expert it is, and keeps its index where it is told", "[model]") {
    const test::TemporaryFolder folder;
    const std::string search =
        "search " + quoted(kTrace) + " 'L7:E10' --json -q --index " + quoted(folder / "index");
    for (int again = 0; again < 2; ++again) {
        const auto found = run_program(search);
        REQUIRE(found.exit_code == 0);
        const Json result = Json::parse(found.output);
        CHECK(result["hits"] == 915);
        CHECK(result["groups"][0]["group"] == "ru");
        CHECK(result["groups"][0]["hits"] == 681);
        CHECK(result["lines"].size() == 20);
    }
    CHECK_FALSE(std::filesystem::is_empty(folder / "index"));
    CHECK(run_program("search " + quoted(kTrace) + " language=fr -q").exit_code == 2);
}

TEST_CASE("the committed claims come out as docs/claims.md says", "[model]") {
    const test::TemporaryFolder folder;
    const auto outcomes = [&](const std::string& claim) {
        std::string traces;
        for (const char* trace : {"specimen-step-0", "specimen-top-k", "specimen-hybrid-k"}) {
            traces += " " + quoted(kExamples / (std::string(trace) + ".h5"));
        }
        const auto judged = run_program("claim " + quoted(kExamples / "claims" / claim) + traces +
                                        " --json -q -o " + quoted(folder / "forest.svg"));
        INFO(judged.errors);
        REQUIRE(judged.exit_code == 0);
        const Json result = Json::parse(judged.output);
        std::string text;
        for (const Json& trace : result["traces"]) {
            text += trace["outcome"].get<std::string>() + " ";
        }
        return text;
    };
    CHECK(outcomes("spread-out-in-the-end.toml") == "inconclusive refuted refuted ");
    CHECK(outcomes("u-shape.toml") == "inconclusive refuted inconclusive ");
    CHECK(outcomes("late-over-early.toml") == "refuted refuted inconclusive ");
    CHECK(std::filesystem::file_size(folder / "forest.svg") > 3'000);
}

TEST_CASE("the tables behind an analysis are written", "[model]") {
    const test::TemporaryFolder folder;
    const auto analysed = run_program("analyze " + quoted(kTrace) + " --no-controls -q --tables " +
                                      quoted(folder / "tables"));
    INFO(analysed.errors);
    REQUIRE(analysed.exit_code == 0);
    for (const char* file : {"names.json", "sample.npz", "layer-000.npz", "layer-007.npz"}) {
        CHECK(std::filesystem::file_size(folder / "tables" / file) > 100);
    }
}
