#include <array>
#include <cmath>
#include <cstdio>

#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/json.h"
#include "model/evaluate/choice_batch.h"
#include "model/evaluate/evaluate.h"
#include "model/evaluate/greedy.h"
#include "model/upcycle/upcycle.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/tiny_dense.h"

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

std::string hex(const std::string& bytes) {
    std::string digits;
    for (const char c : bytes) {
        std::array<char, 3> two{};
        std::snprintf(two.data(), two.size(), "%02x", static_cast<unsigned char>(c));
        digits += two.data();
    }
    return digits;
}

// One text of token ids per language.
std::vector<Prompt> id_texts(const std::vector<std::string>& languages) {
    std::vector<Prompt> texts;
    for (const std::string& language : languages) {
        Prompt& prompt = texts.emplace_back();
        prompt.id = prompt.language = language;
        for (std::uint32_t i = 0; i < 30; ++i) prompt.ids.push_back((7 * i * i + 3) % 64);
    }
    return texts;
}

}  // namespace

TEST_CASE("Continuations are as likely as the reference implementation finds them",
          "[model][golden]") {
    const Json cases = expected().at("continuations");
    // Whatever shares a batch, and whether or not the prompt is computed once for all.
    const bool share_prompt = GENERATE(true, false);
    for (const std::uint64_t batch_tokens : {1u, 64u, 4096u}) {
        const auto losses = scored({.batch_tokens = batch_tokens, .share_prompt = share_prompt});
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

TEST_CASE("A prompt is shared up to the first token that differs or is scored") {
    const std::vector<TokenizedChoice> choices{{{1, 2, 3, 4, 5}, 3}, {{1, 2, 3, 6}, 3}};
    CHECK(shared_length(choices) == 3);
    CHECK(shared_length(std::vector<TokenizedChoice>{{{1, 2, 3, 4}, 3}, {{1, 7, 3, 4}, 3}}) == 1);
    CHECK(shared_length(std::vector<TokenizedChoice>{{{1, 2, 3, 4}, 2}, {{1, 2, 3, 4}, 3}}) == 2);
    // Trunk 1 2 3, one branch 4; what comes last predicts nothing, so that 6 needs no row.
    ChoiceBatch batch(true);
    CHECK(batch.cost(choices) == 4);
    batch.append(choices);
    CHECK(batch.tokens().ids == std::vector<std::int64_t>{1, 2, 3, 4});
    CHECK(batch.tokens().branches == std::vector<std::int64_t>{3});
    REQUIRE(batch.predicted().size() == 3);
    CHECK(batch.predicted()[1].row == 3);
    CHECK(batch.predicted()[2].row == 2);
    CHECK(batch.predicted()[2].id == 6);
    CHECK(ChoiceBatch(false).cost(choices) == 7);
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

TEST_CASE("A greedy answer is the reference implementation's, whatever shares its batch",
          "[model][golden]") {
    const Json answers = expected().at("greedy");
    const Engine model = engine();
    for (const std::uint64_t batch_tokens : {1u, 4096u}) {
        std::vector<GreedyPrompt> prompts;
        for (const Json& one : answers) prompts.push_back({"q", "en", one.at("prompt")});
        const std::int64_t tokens = answers[0].at("new_tokens");
        Progress progress;
        // As many tokens must be chosen as may be: the end-of-text token never is.
        const auto texts = answer_greedily(model, prompts,
                                           {.batch_tokens = batch_tokens,
                                            .min_new_tokens = tokens,
                                            .max_new_tokens = tokens,
                                            .enough = [](std::string_view) { return false; }},
                                           progress);
        REQUIRE(texts.size() == answers.size());
        for (std::size_t i = 0; i < texts.size(); ++i) {
            CHECK(hex(texts[i]) == answers[i].at("answer_hex").get<std::string>());
        }
    }
}

TEST_CASE("With the language given its expert alone computes", "[model]") {
    // Every expert of an upcycled model is a copy of the dense one, so one of them with weight 1
    // gives what the dense model gives; the model's own rule, whose two weights do not add up to 1,
    // does not.
    const test::TemporaryFolder folder;
    test::TinyDense().write(folder / "dense");
    Progress progress;
    upcycle(*Checkpoint::open(folder / "dense"), folder / "moe",
            {.layers = "all", .experts_by = ExpertsBy::language}, progress);
    const EngineOptions options{.device = "cpu", .dtype = "f32", .threads = 1};
    const Engine dense = load_engine(folder / "dense", options);
    const Engine moe = load_engine(folder / "moe", options);
    const std::vector<Prompt> texts = id_texts({"ar", "fr"});
    const auto wanted = text_losses(dense, texts, {}, progress);
    const auto given = text_losses(moe, texts, {.route = EvaluationRoute::language}, progress);
    const auto own = text_losses(moe, texts, {}, progress);
    for (std::size_t l = 0; l < 2; ++l) {
        CHECK_THAT(given[l].nats, WithinRel(wanted[l].nats, 1e-5));  // f32, another summing order
        CHECK(std::abs(own[l].nats - wanted[l].nats) > 1e-2 * wanted[l].nats);
    }
    CHECK_THROWS_WITH(
        text_losses(moe, id_texts({"sw"}), {.route = EvaluationRoute::language}, progress),
        ContainsSubstring("stands for 'sw'"));
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
