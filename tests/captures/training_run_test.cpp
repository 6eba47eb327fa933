#include "captures/training_run.h"

#include <cmath>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

namespace {

constexpr const char* kHeader =
    "step,tokens,loss,balance_loss,gradient_norm,learning_rate,routing_entropy,own_expert_share,"
    "tokens_per_s\n";

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("a training run's log is read row by row, an empty field as missing") {
    const TemporaryFolder folder;
    write(folder / "log.csv", std::string(kHeader) + "1,4096,9.25,,0.5,2e-05,2.45,0.155,2220.5\n");
    const TrainingRun run = read_training_run(folder / "");
    REQUIRE(run.steps.size() == 1);
    CHECK(run.steps[0].step == 1);
    CHECK(run.steps[0].tokens == 4096);
    CHECK(run.steps[0].loss == 9.25);
    CHECK(std::isnan(run.steps[0].balance_loss));
    CHECK(run.steps[0].own_expert_share == 0.155);
    CHECK_FALSE(run.finished());
}

TEST_CASE("a row that is still being written is left out") {
    const TemporaryFolder folder;
    write(folder / "log.csv",
          std::string(kHeader) + "1,4096,9.25,,0.5,2e-05,2.45,0.155,2220.5\n2,81");
    CHECK(read_training_run(folder / "").steps.size() == 1);
}

TEST_CASE("what a run was started with is read back from its record") {
    const TemporaryFolder folder;
    write(folder / "log.csv", std::string(kHeader) + "2,4096,9.25,,0.5,2e-05,2.45,0.155,2220.5\n");
    TrainingRun run;
    run.command = {"train", "moe", "--text", "a b.tsv"};
    run.started_in = "/some/where";
    run.planned_steps = 2;
    write(folder / kRunRecord, run_record(run));
    const TrainingRun read = read_training_run(folder / "");
    CHECK(read.command == run.command);
    CHECK(read.started_in == run.started_in);
    CHECK(read.finished());
}

TEST_CASE("a folder without a log, and a log of something else, are refused by name") {
    const TemporaryFolder folder;
    CHECK_THROWS_AS(read_training_run(folder / ""), UserError);
    write(folder / "log.csv", "epoch,accuracy\n1,0.5\n");
    CHECK_THROWS_AS(read_training_run(folder / ""), UserError);
}
