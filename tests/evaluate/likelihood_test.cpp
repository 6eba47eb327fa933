#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/json.h"
#include "model/evaluate/evaluate.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

const std::filesystem::path kGolden = ALLUVIUM_SOURCE_DIR "/tests/golden/evaluate";

// f32 sums over a few dozen tokens, against the reference's f32 pass with its losses taken in f64.
constexpr double kRounding = 2e-5;

Engine engine() {
    return load_engine(kGolden / "checkpoint", {.device = "cpu", .dtype = "f32", .threads = 1});
}

Json expected() {
    return read_json(kGolden / "expected.json");
}

std::vector<ChoicePrompt> prompts_of(const Json& cases) {
    std::vector<ChoicePrompt> prompts;
    for (const Json& one : cases) {
        prompts.push_back({.id = std::to_string(prompts.size()),
                           .language = one.at("language"),
                           .prompt = one.at("prompt"),
                           .continuations = one.at("continuations")});
    }
    return prompts;
}

std::vector<std::vector<ContinuationLoss>> scored(const ScoringOptions& options) {
    Progress progress;
    return score_continuations(engine(), prompts_of(expected().at("continuations")), options,
                               progress);
}

Prompt text(const std::string& id, const std::string& language, const std::string& words) {
    Prompt prompt;
    prompt.id = id;
    prompt.text = words;
    prompt.language = language;
    return prompt;
}

}  // namespace

TEST_CASE("Continuations are as likely as the reference implementation finds them",
          "[model][golden]") {
    const Json cases = expected().at("continuations");
    // Whatever shares a batch.
    for (const std::uint64_t batch_tokens : {1u, 64u, 4096u}) {
        const auto losses = scored({.batch_tokens = batch_tokens});
        REQUIRE(losses.size() == cases.size());
        for (std::size_t p = 0; p < cases.size(); ++p) {
            const Json& wanted = cases[p].at("expected");
            REQUIRE(losses[p].size() == wanted.size());
            for (std::size_t c = 0; c < wanted.size(); ++c) {
                CHECK(losses[p][c].tokens == wanted[c].at("tokens").get<std::uint32_t>());
                CHECK_THAT(losses[p][c].nats,
                           WithinRel(wanted[c].at("nats").get<double>(), kRounding));
            }
        }
    }
}

TEST_CASE("Texts in windows are as likely as the reference implementation finds them",
          "[model][golden]") {
    const Json golden = expected();
    const Engine model = engine();
    for (const Json& one : golden.at("texts")) {
        Progress progress;
        const auto losses =
            text_losses(model, {text("1", one.at("language"), one.at("text"))},
                        {.window_tokens = golden.at("window"), .windows = 2}, progress);
        REQUIRE(losses.size() == 1);
        CHECK(losses[0].tokens == one.at("tokens").get<std::uint64_t>());
        CHECK(losses[0].bytes == one.at("text").get<std::string>().size());
        CHECK_THAT(losses[0].nats, WithinRel(one.at("nats").get<double>(), kRounding));
    }
}

TEST_CASE("The texts of a language add up to its loss, and their order is the seed's alone",
          "[model]") {
    const std::vector<Prompt> texts{text("1", "en", "Where does it hurt?"),
                                    text("2", "en", "In the chest."), text("3", "de", "Wo?")};
    const Engine model = engine();
    Progress progress;
    const auto losses = text_losses(model, texts, {}, progress);
    REQUIRE(losses.size() == 2);
    CHECK(losses[0].language == "de");
    REQUIRE(losses[1].units.size() == 2);
    // Sums of the same numbers in another order.
    CHECK_THAT(losses[1].units[0].numerator + losses[1].units[1].numerator,
               WithinRel(losses[1].nats, 1e-12));
    CHECK(text_losses(model, texts, {}, progress)[1].nats == losses[1].nats);
}

TEST_CASE("A cancelled evaluation stops", "[model]") {
    Progress progress;
    progress.cancel();
    CHECK_THROWS_AS(text_losses(engine(), {text("1", "en", "Where?")}, {}, progress), Cancelled);
}

TEST_CASE("Empty prompts and experts without languages are refused", "[model]") {
    const Engine model = engine();
    Progress progress;
    const std::vector<ChoicePrompt> empty{{"q1", "en", "", {" yes"}}};
    CHECK_THROWS_WITH(score_continuations(model, empty, {}, progress), ContainsSubstring("'q1'"));
    // Four experts stand for no languages by default.
    CHECK_THROWS_AS(text_losses(model, {text("1", "en", "Where?")},
                                {.route = EvaluationRoute::language}, progress),
                    UserError);
}
