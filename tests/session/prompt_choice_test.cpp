#include "app/session/prompt_choice.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"

using namespace alluvium;

namespace {

PromptSet a_set() {
    PromptSet set{.path = "p.tsv", .name = "p", .prompts = {}, .languages = {"fr", "ar", "zh"}};
    for (const char* group : {"g1", "g2", "g3"}) {
        for (const char* language : {"fr", "ar", "zh"}) {
            Prompt prompt;
            prompt.id = std::string(group) + language;
            prompt.text = "text";
            prompt.language = language;
            prompt.group = group;
            set.prompts.push_back(prompt);
        }
    }
    set.groups = 3;
    return set;
}

std::vector<std::string> ids(const std::vector<Prompt>& prompts) {
    std::vector<std::string> all;
    for (const Prompt& prompt : prompts) all.push_back(prompt.id);
    return all;
}

}  // namespace

TEST_CASE("A whole set is taken where nothing is chosen") {
    CHECK(chosen_prompts({.set = "p.tsv"}, a_set()).size() == 9);
}

TEST_CASE("Languages and the number of translation groups narrow a set") {
    const PromptChoice choice{.set = "p.tsv", .languages = {"fr", "zh"}, .groups = 2};
    CHECK(ids(chosen_prompts(choice, a_set())) ==
          std::vector<std::string>{"g1fr", "g1zh", "g2fr", "g2zh"});
}

TEST_CASE("One's own text gives a prompt per line that is not blank") {
    const PromptChoice choice{.own_text = "  Où est l'hôpital ?\r\n\n\t\nMerci.",
                              .own_language = "fr"};
    const auto prompts = chosen_prompts(choice, {});
    REQUIRE(prompts.size() == 2);
    CHECK(prompts[0].text == "Où est l'hôpital ?");
    CHECK(prompts[0].language == "fr");
    CHECK(prompts[1].text == "Merci.");
    CHECK(prompts[0].id != prompts[1].id);
}

TEST_CASE("A choice that leaves nothing says what to change") {
    CHECK_THROWS_AS(chosen_prompts({.set = "p.tsv", .languages = {"is"}}, a_set()), UserError);
    CHECK_THROWS_AS(chosen_prompts({.own_text = " \n "}, {}), UserError);
}

TEST_CASE("A choice of prompts survives its JSON") {
    const PromptChoice choice{.set = "/p.tsv",
                              .languages = {"fr"},
                              .groups = 4,
                              .own_text = "مرحبا\n",
                              .own_language = "ar"};
    CHECK(prompt_choice_from_json(prompt_choice_json(choice)) == choice);
}
