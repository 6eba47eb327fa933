#include "app/session/interventions.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

TEST_CASE("a plan to change the routing becomes the command that carries it out") {
    InterventionPlan plan{.checkpoint = "moe",
                          .prompts = "first.tsv",
                          .targets = "7:4",
                          .change = "drop",
                          .needed_by = "fr"};
    CHECK(intervene_arguments(plan, "effect.json") ==
          std::vector<std::string>{"intervene", "moe", "--prompts", "first.tsv", "--ablate", "7:4",
                                   "--how", "drop", "--needed-by", "fr", "--controls", "10",
                                   "--json", "effect.json"});
    plan.change = "boost";
    plan.lambda = -0.5;
    plan.needed_by.clear();
    CHECK(intervene_arguments(plan, "effect.json") ==
          std::vector<std::string>{"intervene", "moe", "--prompts", "first.tsv", "--boost", "7:4",
                                   "--lambda", "-0.5", "--controls", "10", "--json",
                                   "effect.json"});
}

TEST_CASE("a tray of changes becomes one command in which they act together") {
    InterventionPlan plan{.checkpoint = "moe", .prompts = "first.tsv", .targets = "7:4"};
    plan.tray = {
        {.targets = "3:5", .change = "drop", .languages = "fr", .positions = "0..3"},
        {.targets = "7:2", .change = "boost", .lambda = 2, .languages = {}, .positions = {}}};
    CHECK(intervene_arguments(plan, "effect.json") ==
          std::vector<std::string>{
              "intervene", "moe",     "--prompts",   "first.tsv", "--ablate",    "3:5",
              "--how",     "drop",    "--positions", "0..3",      "--languages", "fr",
              "--boost",   "7:2",     "--lambda",    "2",         "--ablate",    "7:4",
              "--how",     "reroute", "--controls",  "10",        "--json",      "effect.json"});
    CHECK(change_words(plan.tray[0]) == "drop 3:5, positions 0..3, languages fr");
    CHECK(change_words(plan.tray[1]) == "boost 7:2 (lambda 2)");
    plan.targets.clear();
    CHECK(why_not_intervene(plan).empty());
    plan.tray.clear();
    CHECK_FALSE(why_not_intervene(plan).empty());
}

TEST_CASE("a changed run is captured with the same changes, and refuses means by name") {
    InterventionPlan plan{.checkpoint = "moe", .prompts = "first.tsv", .targets = "7:4"};
    plan.tray = {{.targets = "3:5", .change = "force", .languages = {}, .positions = {}}};
    CHECK(changed_capture_arguments(plan, "changed.h5") ==
          std::vector<std::string>{"capture", "moe", "--prompts", "first.tsv", "--force", "3:5",
                                   "--ablate", "7:4", "--how", "reroute", "-o", "changed.h5"});
    CHECK(why_not_capture_changed(plan).empty());
    plan.tray[0].change = "mean";
    CHECK(why_not_capture_changed(plan).find("mean") != std::string::npos);
    CHECK(why_not_intervene(plan).empty());
}

TEST_CASE("an intervention that cannot start says what is missing") {
    InterventionPlan plan;
    CHECK(why_not_intervene(plan) == "open a checkpoint folder first");
    plan.checkpoint = "moe";
    CHECK(why_not_intervene(plan).find("prompt set") != std::string::npos);
    plan.prompts = "first.tsv";
    CHECK(why_not_intervene(plan).find("expert") != std::string::npos);
    plan.targets = "7:4";
    CHECK(why_not_intervene(plan).empty());
}
