#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "model/capture/capture.h"
#include "model/capture/token_rows.h"

using namespace alluvium;

namespace {

Prompt ids_prompt(const std::string& id, std::vector<std::uint32_t> ids) {
    Prompt prompt;
    prompt.id = id;
    prompt.language = "fr";
    prompt.ids = std::move(ids);
    return prompt;
}

}  // namespace

TEST_CASE("batches hold whole consecutive prompts, and a long prompt is a batch alone", "[model]") {
    const auto batches = plan_batches({3, 4, 9, 1, 2}, 8);
    REQUIRE(batches.size() == 3);
    CHECK((batches[0].begin == 0 && batches[0].end == 2));
    CHECK((batches[1].begin == 2 && batches[1].end == 3));
    CHECK((batches[2].begin == 3 && batches[2].end == 5));
    CHECK(plan_batches({}, 8).empty());
}

TEST_CASE("prompts of ids become rows as they are, and a cut is recorded", "[model]") {
    const TokenRows rows = tokenize_prompts({ids_prompt("a", {7, 8, 9}), ids_prompt("b", {5})}, nullptr,
                                            {.max_tokens = 2});
    CHECK(rows.tokens.id == std::vector<std::uint32_t>{7, 8, 5});
    CHECK(rows.tokens.position == std::vector<std::uint32_t>{0, 1, 0});
    CHECK(rows.tokens.prompt == std::vector<std::uint32_t>{0, 0, 1});
    CHECK(rows.prompts.first_token == std::vector<TokenPos>{0, 2});
    CHECK(rows.prompts.truncated == std::vector<std::uint8_t>{1, 0});
}

TEST_CASE("a column that some prompts lack is empty for them", "[model]") {
    Prompt with = ids_prompt("a", {1});
    with.extra["dialect"] = "north";
    const TokenRows rows = tokenize_prompts({ids_prompt("b", {1}), with}, nullptr, {});
    CHECK(rows.prompts.extra.at("dialect") == std::vector<std::string>{"", "north"});
}

TEST_CASE("text without a tokenizer is refused by the prompt's name", "[model]") {
    Prompt prompt;
    prompt.id = "greeting";
    prompt.text = "Bonjour";
    try {
        tokenize_prompts({prompt}, nullptr, {});
        FAIL("expected an error");
    } catch (const UserError& e) {
        CHECK(std::string(e.what()).find("'greeting'") != std::string::npos);
    }
}

TEST_CASE("the fields to record are named, and an unknown one is refused", "[model]") {
    const RecordFields fields = parse_record_fields("experts,nll");
    CHECK((fields.experts && fields.nll));
    CHECK_FALSE((fields.weights || fields.logits || fields.hidden || fields.output));
    CHECK_THROWS_AS(parse_record_fields("experts,attention"), UserError);
    CHECK_THROWS_AS(parse_record_fields(""), UserError);
}
