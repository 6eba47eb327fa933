#include "model/train/train.h"

#include <csignal>

#include <sys/resource.h>

#include "base/error.h"
#include "base/files.h"
#include "captures/routing_trace.h"
#include "model/checkpoint/lineage.h"
#include "model/families/family.h"
#include "model/upcycle/upcycle.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/safetensors_file.h"
#include "tests/train/tiny_dense.h"

using namespace alluvium;

namespace {

// Texts of token ids: 12 languages, each with ids of its own among the 64.
TrainingTexts texts() {
    TrainingTexts result;
    const char* codes[] = {"ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "ru", "zh"};
    for (std::uint32_t l = 0; l < 12; ++l) {
        Prompt prompt;
        prompt.id = codes[l];
        prompt.language = codes[l];
        for (std::uint32_t i = 0; i < 40; ++i) prompt.ids.push_back(5 * l + i * i % 5);
        result.training.push_back(prompt);
    }
    return result;
}

TrainOptions short_run(std::int64_t steps) {
    TrainOptions options;
    options.routing = "hybrid-k";
    options.sequences = 4;
    options.length = 12;
    options.schedule = {.peak = 0.01, .warmup = 2, .steps = steps};
    options.dtype = "f32";
    options.threads = 1;
    return options;
}

class Workplace {
  public:
    Workplace() {
        test::TinyDense().write(folder_ / "dense");
        Progress progress;
        upcycle(*Checkpoint::open(folder_ / "dense"), folder_ / "moe",
                {.layers = "last:2", .experts_by = ExpertsBy::language}, progress);
    }
    std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

    TrainSummary run(const std::string& out, const TrainOptions& options,
                     const std::string& from = "moe") const {
        Progress progress;
        return train(*Checkpoint::open(folder_ / from), texts(), folder_ / out, options, progress);
    }
    // Stops after its first step.
    void run_one_step(const std::string& out, const TrainOptions& options) const {
        Progress progress;
        progress.cancel();
        CHECK_THROWS_AS(
            train(*Checkpoint::open(folder_ / "moe"), texts(), folder_ / out, options, progress),
            Cancelled);
    }
    std::string read(const std::string& file) const { return read_file(folder_ / file); }

  private:
    test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("Training lowers the loss and leaves a checkpoint with its lineage", "[model]") {
    const Workplace place;
    const TrainSummary summary = place.run("out", short_run(40));
    CHECK(summary.steps_run == 40);
    CHECK(summary.tokens == 40 * 48);
    CHECK(summary.last_loss < 0.7 * summary.first_loss);
    const CheckpointPtr trained = Checkpoint::open(place / "out");
    CHECK(model_spec(*trained).routed_layers() == std::vector<LayerId>{1, 2});
    const Lineage lineage = read_lineage(trained->config(), "config");
    REQUIRE(lineage.steps.size() == 2);
    CHECK(lineage.steps[1]["step"] == "train");
    CHECK(lineage.steps[1]["steps_done"] == 40);
    CHECK(lineage.steps[1]["options"]["routing"] == "hybrid-k");
    CHECK(lineage.expert_labels.size() == 12);
}

TEST_CASE("An interrupted run that is resumed ends in the same bits", "[model]") {
    const Workplace place;
    place.run("whole", short_run(5));
    TrainOptions options = short_run(5);
    place.run_one_step("parts", options);
    CHECK(Checkpoint::open(place / "parts")->has("model.norm.weight"));
    options.resume = true;
    place.run_one_step("parts", options);
    CHECK(place.run("parts", options).steps_run == 3);
    CHECK(place.read("whole/model.safetensors") == place.read("parts/model.safetensors"));
    CHECK(place.read("whole/training.state") == place.read("parts/training.state"));
    CHECK(place.read("whole/config.json") == place.read("parts/config.json"));
    // Nothing is left to do, and nothing is done.
    CHECK(place.run("parts", options).steps_run == 0);
}

TEST_CASE("The seed decides the run", "[model]") {
    const Workplace place;
    TrainOptions options = short_run(3);
    place.run("a", options);
    place.run("b", options);
    options.seed = 2;
    place.run("c", options);
    CHECK(place.read("a/model.safetensors") == place.read("b/model.safetensors"));
    CHECK(place.read("a/model.safetensors") != place.read("c/model.safetensors"));
}

TEST_CASE("Lang-spec leaves the router as it was", "[model]") {
    const Workplace place;
    TrainOptions options = short_run(3);
    options.routing = "lang-spec";
    place.run("out", options);
    const auto before = test::read_safetensors(place / "moe/model.safetensors");
    const auto after = test::read_safetensors(place / "out/model.safetensors");
    for (const auto& [name, tensor] : before) {
        CAPTURE(name);
        const bool router = name.ends_with("mlp.gate.weight");
        CHECK(at::equal(tensor, after.at(name)) == router);
    }
}

TEST_CASE("A dense model is trained without routing, saved in bf16 where asked", "[model]") {
    const Workplace place;
    TrainOptions options = short_run(20);
    options.routing = "auto";
    options.save_dtype = "bf16";
    const TrainSummary summary = place.run("out", options, "dense");
    CHECK(summary.routing == "dense");
    CHECK(summary.last_loss < summary.first_loss);
    const CheckpointPtr trained = Checkpoint::open(place / "out");
    CHECK(trained->tensor("model.norm.weight").scalar_type() == at::kBFloat16);
    CHECK(trained->config()["torch_dtype"] == "bfloat16");
}

TEST_CASE("The log holds a row per step, also after resuming", "[model]") {
    const Workplace place;
    TrainOptions options = short_run(4);
    place.run_one_step("out", options);
    options.resume = true;
    place.run("out", options);
    const std::string log = place.read("out/log.csv");
    CHECK(log.starts_with("step,tokens,loss,"));
    for (const char* row : {"\n1,48,", "\n2,96,", "\n3,144,", "\n4,192,"}) {
        CAPTURE(row);
        CHECK(log.find(row) != std::string::npos);
        CHECK(log.find(row) == log.rfind(row));
    }
}

TEST_CASE("Snapshots are checkpoints of their own", "[model]") {
    const Workplace place;
    TrainOptions options = short_run(4);
    options.snapshot_every = 2;
    place.run("out", options);
    CHECK(place.read("out/step-000004/model.safetensors") == place.read("out/model.safetensors"));
    CHECK(place.read("out/step-000002/model.safetensors") != place.read("out/model.safetensors"));
    CHECK_NOTHROW(model_spec(*Checkpoint::open(place / "out/step-000002")));
}

TEST_CASE("The routing of given prompts is captured on the way and changes nothing", "[model]") {
    const Workplace place;
    TrainOptions options = short_run(4);
    place.run("plain", options);
    options.trace_every = 2;
    TrainingTexts all = texts();
    all.traced = {all.training.begin(), all.training.begin() + 2};
    Progress progress;
    train(*Checkpoint::open(place / "moe"), all, place / "out", options, progress);
    CHECK(place.read("out/model.safetensors") == place.read("plain/model.safetensors"));
    for (const char* name : {"out/step-000002.h5", "out/step-000004.h5"}) {
        const TracePtr trace = open_trace((place / name).string());
        CHECK(trace->header().token_count == 80);
        CHECK(trace->header().layers.size() == 2);
    }
    CHECK_FALSE(std::filesystem::exists(place / "out/traced"));
}

TEST_CASE("A capture on the way stops when the run is stopped, and is made when it goes on",
          "[model]") {
    const Workplace place;
    TrainOptions options = short_run(2);
    options.trace_every = 1;
    TrainingTexts all = texts();
    all.traced = all.training;
    const CheckpointPtr moe = Checkpoint::open(place / "moe");
    Progress stopped;
    stopped.cancel();
    CHECK_THROWS_AS(train(*moe, all, place / "out", options, stopped), Cancelled);
    CHECK_FALSE(std::filesystem::exists(place / "out/step-000001.h5"));
    for (const auto& entry : std::filesystem::directory_iterator(place / "out")) {
        CAPTURE(entry.path());
        CHECK(entry.path().string().find("traced") == std::string::npos);
    }
    options.resume = true;
    Progress progress;
    CHECK(train(*moe, all, place / "out", options, progress).steps_run == 1);
    for (const char* name : {"out/step-000001.h5", "out/step-000002.h5"}) {
        CHECK(open_trace((place / name).string())->header().warnings.empty());
    }
}

TEST_CASE("A full disk ends the run, and the checkpoint of before survives", "[model]") {
    const Workplace place;
    TrainOptions options = short_run(4);
    place.run_one_step("out", options);
    const std::string model = place.read("out/model.safetensors");
    const std::string state = place.read("out/training.state");
    options.resume = true;

    // No file may grow beyond this: what a full disk does, for this process alone.
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{100'000, before.rlim_max};
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    CHECK_THROWS_AS(place.run("out", options), RunError);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);

    CHECK(place.read("out/model.safetensors") == model);
    CHECK(place.read("out/training.state") == state);
    CHECK(place.run("out", options).steps_run == 3);
}

TEST_CASE("Options that contradict the model, the texts or the run are refused", "[model]") {
    const Workplace place;
    const auto refused = [&](const TrainOptions& options, const std::string& from = "moe") {
        CHECK_THROWS_AS(place.run("out", options, from), UserError);
        CHECK_FALSE(std::filesystem::exists(place / "out"));
    };
    TrainOptions options = short_run(2);
    refused(options, "dense");
    options.routing = "dense";
    refused(options);
    options = short_run(0);
    refused(options);
    options = short_run(2);
    options.families = true;  // 12 experts, 7 families
    refused(options);
    options = short_run(2);
    options.resume = true;
    refused(options);

    place.run("done", short_run(2));
    CHECK_THROWS_AS(place.run("done", short_run(2)), UserError);  // exists
    options = short_run(2);
    options.resume = true;
    options.schedule.peak = 0.02;
    CHECK_THROWS_AS(place.run("done", options), UserError);  // another run
}

TEST_CASE("A text in a language without an expert is named", "[model]") {
    const Workplace place;
    TrainingTexts with_swahili = texts();
    with_swahili.training[3].language = "sw";
    Progress progress;
    const CheckpointPtr moe = Checkpoint::open(place / "moe");
    CHECK_THROWS_AS(train(*moe, with_swahili, place / "out", short_run(2), progress), UserError);
    // It may be trained without being told apart.
    TrainOptions options = short_run(2);
    options.routing = "top-k";
    CHECK_NOTHROW(train(*moe, with_swahili, place / "out", options, progress));
}

TEST_CASE("Validation covers every token once and weighs languages equally", "[model]") {
    const Workplace place;
    TrainingTexts with_validation = texts();
    with_validation.validation = {with_validation.training[0], with_validation.training[1]};
    with_validation.validation[1].ids.resize(6);
    TrainOptions options = short_run(2);
    options.validate_every = 1;
    Progress progress;
    const TrainSummary summary =
        train(*Checkpoint::open(place / "moe"), with_validation, place / "out", options, progress);
    const std::string table = place.read("out/validation.csv");
    // 40 and 6 tokens: the first of each is not predicted.
    for (const char* row : {"\n1,ar,39,", "\n1,de,5,", "\n1,mean,44,", "\n2,mean,44,"}) {
        CAPTURE(row);
        CHECK(table.find(row) != std::string::npos);
    }
    REQUIRE(summary.validation_loss);
    CHECK(*summary.validation_loss > 0);
    CHECK(*summary.validation_loss < 20);
}
