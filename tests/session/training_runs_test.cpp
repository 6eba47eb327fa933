#include "app/session/training_runs.h"

#include <algorithm>
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "app/session/evaluations.h"
#include "base/error.h"
#include "tests/support/figure_checks.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::plain_meter;
using alluvium::test::TemporaryFolder;

namespace {

// A program that trains as fast as it can write: one step where it begins, the second with
// --resume.
std::filesystem::path planted_program(const TemporaryFolder& folder) {
    const std::filesystem::path path = folder / "program.sh";
    std::ofstream(path) << R"(#!/bin/sh
out=
resumed=no
for word; do
    [ "$last" != -o ] || out=$word
    [ "$word" != --resume ] || resumed=yes
    last=$word
done
mkdir -p "$out"
if [ $resumed = no ]; then
    echo 'step,tokens,loss,balance_loss,gradient_norm,learning_rate,routing_entropy,own_expert_share,tokens_per_s' > "$out/log.csv"
    echo '1,16,4.5,,1,0.1,,,100' >> "$out/log.csv"
    echo '{"command": ["train", "-o", "'$out'"], "folder": "/", "steps": 2}' > "$out/run.json"
else
    echo '2,32,4.0,,1,0.1,,,100' >> "$out/log.csv"
fi
)";
    ::chmod(path.c_str(), 0700);
    return path;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TEST_CASE("a training plan becomes the command that carries it out") {
    const TrainingPlan plan{.checkpoint = "moe",
                            .texts = {"a.tsv", "b.tsv"},
                            .validation = {"dev.tsv"},
                            .routing = "hybrid-k",
                            .steps = 200,
                            .learning_rate = 0.002,
                            .save_every = 50,
                            .capture_every = 40,
                            .capture_prompts = "first.tsv",
                            .output = "out"};
    CHECK(train_arguments(plan) == std::vector<std::string>{"train",    "moe",
                                                            "--text",   "a.tsv",
                                                            "b.tsv",    "--validation",
                                                            "dev.tsv",  "--validate-every",
                                                            "20",       "-o",
                                                            "out",      "--routing",
                                                            "hybrid-k", "--steps",
                                                            "200",      "--sequences",
                                                            "16",       "--sequence",
                                                            "256",      "--lr",
                                                            "0.002",    "--warmup",
                                                            "10",       "--save-every",
                                                            "50",       "--trace-every",
                                                            "40",       "--trace-prompts",
                                                            "first.tsv"});
}

TEST_CASE("a plan that cannot start says what is missing") {
    TrainingPlan plan;
    CHECK(why_not_train(plan) == "open a checkpoint folder first");
    plan.checkpoint = "moe";
    CHECK(why_not_train(plan).find("texts") != std::string::npos);
    plan.texts = {"a.tsv"};
    CHECK(why_not_train(plan).find("folder for the result") != std::string::npos);
    plan.output = "nowhere-yet";
    CHECK(why_not_train(plan).empty());
}

TEST_CASE("a run is started, watched, gone on with to its end, and drawn") {
    const TemporaryFolder folder;
    Jobs jobs;
    std::vector<std::string> finished;
    TrainingRuns runs(jobs, planted_program(folder), plain_meter,
                      [&](const std::string& id) { finished.push_back(id); });
    const std::string out = folder / "out";
    runs.start({.checkpoint = "moe", .texts = {"a.tsv"}, .output = out});
    CHECK(runs.running(out));
    jobs.finish();
    CHECK(jobs.take_ends().empty());
    REQUIRE(runs.runs().size() == 1);
    REQUIRE(runs.runs()[0].run);
    CHECK(runs.runs()[0].run->steps.size() == 1);
    CHECK_FALSE(runs.runs()[0].run->finished());

    runs.resume(out);
    jobs.finish();
    CHECK(runs.runs()[0].run->steps.size() == 2);
    CHECK(runs.runs()[0].run->finished());
    CHECK(finished == std::vector<std::string>{out, out});

    CHECK_FALSE(runs.figure({400, 300}));  // asked for
    jobs.finish();
    const auto figure = runs.figure({400, 300});
    REQUIRE(figure);
    CHECK(figure->title == "out: loss 4.500 to 4.000 nats per token");
    runs.show(out, false);
    CHECK_FALSE(runs.figure({400, 300}));
}

TEST_CASE("an evaluation plan becomes the command that carries it out") {
    EvaluationPlan plan{.checkpoint = "moe",
                        .files = {"q.json"},
                        .kind = EvaluationPlan::Kind::questions,
                        .published_protocol = true,
                        .limit = 5};
    const std::vector<std::string> words = evaluate_arguments(plan, "scores.json");
    CHECK(words == std::vector<std::string>{"evaluate", "moe", "--questions", "q.json",
                                            "--protocol", "apollo", "--limit", "5", "--json",
                                            "scores.json"});
    plan.kind = EvaluationPlan::Kind::topics;
    CHECK_FALSE(has(evaluate_arguments(plan, "scores.json"), "--protocol"));
    plan.language_given = true;
    CHECK(has(evaluate_arguments(plan, "scores.json"), "language"));
}
