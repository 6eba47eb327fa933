#include "captures/intervention_file.h"

#include <cmath>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

namespace {

// As docs/interventions.md describes it.
constexpr const char* kEffect = R"({
 "checkpoint": "models/moe", "checkpoint_id": "abc", "operator": "drop", "targets": [[7, 4]],
 "groups": {"fr": {"prompts": 3, "tokens": 40, "missing": 0, "visited": 0.5,
   "nll_change": [0.25, 0.1, null], "kl": 0.04, "kl_interval": [0.03, 0.05], "top1_change": 0.125,
   "top1_interval": [0.1, 0.2],
   "control": {"n": 10, "visited": 0.2, "nll_change_mean": 0.01, "nll_change_sd": 0.02,
     "low": -0.01, "high": 0.03, "at_least": 0, "p": 0.0909, "kl_mean": 0, "kl_sd": 0,
     "top1_change_mean": 0, "top1_change_sd": 0}}},
 "controls": [], "needed_by": [{"sentence": "French needs it."}], "notes": ["only 10 others"]})";

}  // namespace

TEST_CASE("the effects of an intervention are read language by language, beside their controls") {
    const TemporaryFolder folder;
    std::ofstream(folder / "effect.json") << kEffect;
    CHECK(holds_intervention(folder / "effect.json"));
    const InterventionFile file = read_intervention_file(folder / "effect.json");
    CHECK(file.name() == "drop 7:4");
    CHECK(file.sentences == std::vector<std::string>{"French needs it."});
    CHECK(file.notes == std::vector<std::string>{"only 10 others"});
    REQUIRE(file.languages.size() == 1);
    const EffectOnLanguage& french = file.languages[0];
    CHECK(french.language == "fr");
    CHECK(french.nll_change.value == 0.25);
    CHECK(std::isnan(french.nll_change.high));
    CHECK(french.controls == 10);
    CHECK(french.control_high == 0.03);
    CHECK(french.p == 0.0909);
}

TEST_CASE("the effects of several changes name each of them") {
    const TemporaryFolder folder;
    std::string text = kEffect;
    text.replace(text.find(R"("operator": "drop")"), 18,
                 R"("operator": "drop + force", "interventions": [
                    {"words": "drop 7:4"}, {"words": "force 6:2, languages fr"}])");
    std::ofstream(folder / "effect.json") << text;
    const InterventionFile file = read_intervention_file(folder / "effect.json");
    CHECK(file.acting == std::vector<std::string>{"drop 7:4", "force 6:2, languages fr"});
    CHECK(file.name() == "drop 7:4 + force 6:2, languages fr");
}

TEST_CASE("other JSON is no intervention") {
    const TemporaryFolder folder;
    std::ofstream(folder / "scores.json") << R"({"languages": {}})";
    CHECK_FALSE(holds_intervention(folder / "scores.json"));
    CHECK_FALSE(holds_intervention(folder / "missing.json"));
    CHECK_THROWS_AS(read_intervention_file(folder / "scores.json"), UserError);
}
