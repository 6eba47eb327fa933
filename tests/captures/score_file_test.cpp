#include "captures/score_file.h"

#include <cmath>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

namespace {

// As docs/evaluation.md describes it.
constexpr const char* kScores = R"({
 "languages": {"fr": {"questions": 10, "correct": 4, "accuracy": 0.4, "low": 0.17, "high": 0.69,
                      "invalid": 1, "unanswered": 2}},
 "major": {"value": 0.4, "low": 0.2, "high": 0.6, "languages": 1}, "minor": null,
 "average": {"value": 0.4, "low": null, "high": 0.6, "languages": 1},
 "guessing": 0.25, "most_frequent": 0.3,
 "texts": {"languages": {"ar": {"texts": 7, "tokens": 70, "bytes": 300, "nats": 450,
                                "nats_per_token": 6.4, "nats_per_byte": 1.5, "low": 1.4,
                                "high": 1.6}},
           "major": null, "minor": null, "average": null},
 "evaluation": {"checkpoint": "models/moe", "checkpoint_id": "abc", "route": "model",
                "score": "letter"}})";

}  // namespace

TEST_CASE("the tables of an evaluation are read by measure and language") {
    const TemporaryFolder folder;
    std::ofstream(folder / "scores.json") << kScores;
    const ScoreFile file = read_score_file(folder / "scores.json");
    CHECK(file.checkpoint == "models/moe");
    CHECK(file.score == "letter");
    const ScoreTable* questions = file.find("questions");
    REQUIRE(questions != nullptr);
    const LanguageScore* french = questions->find("fr");
    REQUIRE(french != nullptr);
    CHECK(french->score.value == 0.4);
    CHECK(french->score.size == 10);
    CHECK(french->invalid == 1);
    CHECK(french->unanswered == 2);
    CHECK(questions->guessing == 0.25);
    CHECK_FALSE(questions->minor);
    CHECK(std::isnan(questions->average->low));
    const ScoreTable* texts = file.find("nats per byte");
    REQUIRE(texts != nullptr);
    CHECK(texts->find("ar")->score.value == 1.5);
    CHECK(texts->find("ar")->score.size == 7);
    CHECK(file.find("topics") == nullptr);
}

TEST_CASE("JSON that is no evaluation is refused by name") {
    const TemporaryFolder folder;
    std::ofstream(folder / "other.json") << R"({"layers": 3})";
    CHECK_THROWS_AS(read_score_file(folder / "other.json"), UserError);
}
