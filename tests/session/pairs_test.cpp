#include "app/session/pairs.h"

#include <catch2/catch_test_macros.hpp>

#include "app/session/session.h"
#include "base/assets.h"
#include "base/error.h"
#include "captures/routing_trace.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

namespace {

TextMeter plain_meter() {
    return [](std::string_view text, const TextStyle& style) {
        return Size{0.6 * style.size * static_cast<double>(text.size()), 1.3 * style.size};
    };
}

std::string specimen() {
    if (!model_services().available()) SKIP("built without libtorch");
    return ALLUVIUM_SOURCE_DIR "/assets/specimen";
}

PairPlan serbian(const std::string& checkpoint) {
    return {.checkpoint = checkpoint,
            .texts = {"Глава ме боли.", "Глава me boli.", "sr", "sr"},
            .prompts = {}};
}

struct Desk {
    TemporaryFolder folder;
    Session session{Environment{.model = model_services(),
                                .folders = user_folders_in(folder / ""),
                                .text_meter = plain_meter}};
};

}  // namespace

TEST_CASE("a plan of a pair becomes the command that does the same") {
    PairPlan plan = serbian("moe");
    CHECK(pairs_arguments(plan, "pair.svg") ==
          std::vector<std::string>{"pairs", "moe", "--text", "Глава ме боли.", "--against",
                                   "Глава me boli.", "--language", "sr", "--against-language", "sr",
                                   "-o", "pair.svg"});
    plan.kind = PairPlan::Kind::languages;
    plan.prompts = "majors.tsv";
    CHECK(pairs_arguments(plan, "pair.svg") ==
          std::vector<std::string>{"pairs", "moe", "--languages", "en,fr", "--prompts",
                                   "majors.tsv", "-o", "pair.svg"});
}

TEST_CASE("a pair that cannot start says what is missing") {
    PairPlan plan;
    CHECK(why_not_pair(plan) == "open a checkpoint folder first");
    plan.checkpoint = "moe";
    CHECK(why_not_pair(plan).find("no word") != std::string::npos);
    plan.texts = {"a b", "a b", {}, {}};
    CHECK(why_not_pair(plan).find("same words") != std::string::npos);
    plan.texts.b = "a c";
    CHECK(why_not_pair(plan).empty());
    plan.kind = PairPlan::Kind::languages;
    CHECK(why_not_pair(plan).find("translated") != std::string::npos);
    plan.prompts = "majors.tsv";
    plan.second = plan.first;
    CHECK(why_not_pair(plan) == "choose two languages");
}

TEST_CASE("a pair is run by the model, and tokens before the change are routed alike", "[model]") {
    const std::string checkpoint = specimen();
    Desk desk;
    desk.session.pairs().start(serbian(checkpoint));
    desk.session.finish_jobs();
    for (const Message& message : desk.session.messages()) UNSCOPED_INFO(message.text());
    REQUIRE(desk.session.messages().empty());
    REQUIRE(desk.session.pairs().documents().size() == 1);
    const PairDocument& document = desk.session.pairs().documents()[0];
    const auto& pair = std::get<MinimalPair>(*document.result);
    CHECK(pair.spans.size() == 4);  // three words and the full stop
    CHECK_FALSE(pair.spans[0].changed);
    CHECK(pair.spans[1].changed);
    CHECK(pair.neutral_edits == kNeutralEdits);
    CHECK(pair.tokens_before > 0);
    CHECK(pair.unequal_before == 0);
    for (const PairLayer& layer : pair.layers) CHECK(layer.spans[0].change == 0);
    CHECK(pair.layers.size() == 8);

    CHECK(desk.session.pairs().figure(document.id, {.width = 600}) == nullptr);
    desk.session.finish_jobs();
    const auto figure = desk.session.pairs().figure(document.id, {.width = 600});
    REQUIRE(figure);
    CHECK(figure->width == 600);
    // The capture is an ordinary one.
    CHECK(open_trace(document.id)->header().prompts.size() == 2 + kNeutralEdits);
    desk.session.pairs().forget(document.id);
    CHECK(desk.session.pairs().documents().empty());
}

TEST_CASE("a pair that cannot be run is a message and leaves no file", "[model]") {
    const std::string checkpoint = specimen();
    Desk desk;
    PairPlan plan = serbian(checkpoint);
    plan.kind = PairPlan::Kind::languages;
    plan.prompts = desk.folder / "missing.tsv";
    desk.session.pairs().start(plan);
    desk.session.finish_jobs();
    CHECK(desk.session.messages().size() == 1);
    CHECK(desk.session.pairs().documents().empty());
    const auto captures = desk.session.folders().captures;
    CHECK((!std::filesystem::exists(captures) || std::filesystem::is_empty(captures)));
}
