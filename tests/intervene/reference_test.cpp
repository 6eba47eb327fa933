// Against tests/golden/intervene/make.py, the reference implementation with its experts in plain
// loops, in float64.
#include <catch2/catch_approx.hpp>

#include "model/intervene/intervene.h"
#include "tests/intervene/tiny_run.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

std::vector<Prompt> prompts_of(const Json& list) {
    std::vector<Prompt> prompts;
    for (const Json& item : list) {
        Prompt& prompt = prompts.emplace_back();
        prompt.id = std::to_string(prompts.size());
        prompt.language = item["language"];
        prompt.ids = item["ids"].get<std::vector<std::uint32_t>>();
    }
    return prompts;
}

Operator operator_of(const std::string& word) {
    for (const Operator op :
         {Operator::reroute, Operator::drop, Operator::mean, Operator::boost, Operator::force}) {
        if (operator_word(op) == word) return op;
    }
    return Operator::swap;
}

InterveneOptions options_of(const Json& item) {
    InterveneOptions options;
    Intervention change{.op = operator_of(item["op"])};
    options.controls = 1;
    options.resamples = 10;
    options.batch_tokens = 30;  // several batches
    if (change.op == Operator::swap) {
        options.together = {swap_intervention({item["from"], item["to"], item["layers"]})};
        return options;
    }
    for (const Json& target : item["targets"]) {
        change.targets.push_back({target[0], target[1]});
    }
    change.lambda = item.value("lambda", 1.0);
    RowSelection& rows = change.rows;
    if (item.contains("languages")) rows.languages = item["languages"];
    if (item.contains("positions")) {
        rows.first_position = item["positions"][0];
        rows.last_position = item["positions"][1];
    }
    options.together = {change};
    return options;
}

}  // namespace

TEST_CASE("Every way to change routing has the effect that the reference computes",
          "[model][golden]") {
    const Json expected = read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/intervene/expected.json");
    for (const auto& [checkpoint, golden] : expected.items()) {
        const Engine engine = test::tiny_engine(checkpoint);
        const std::vector<Prompt> prompts = prompts_of(golden["prompts"]);
        for (const Json& item : golden["cases"]) {
            CAPTURE(checkpoint, item["op"].get<std::string>());
            Progress progress;
            const InterventionResult result =
                intervene(engine, prompts, options_of(item), progress);
            REQUIRE(result.languages.size() == item["effects"].size());
            for (const LanguageEffect& effect : result.languages) {
                const Json& of = item["effects"][effect.language];
                CHECK(effect.tokens == of["tokens"]);
                CHECK(effect.missing == 0);
                // Logits of a few units in f32 are right to about 1e-6; means of their differences
                // too. Chosen experts are the same: the script keeps clear of near ties.
                const auto near = [](const Json& value) {
                    return Catch::Approx(value.get<double>()).margin(1e-5).epsilon(0);
                };
                CHECK(effect.nll_change.estimate.value == near(of["nll_change"]));
                CHECK(effect.kl.estimate.value == near(of["kl"]));
                CHECK(effect.top1_change.estimate.value == near(of["top1_change"]));
            }
        }
    }
}
