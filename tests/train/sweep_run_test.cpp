#include "model/sweep/sweep_run.h"

#include "base/error.h"
#include "base/files.h"
#include "model/checkpoint/checkpoint.h"
#include "model/sweep/sweep_table.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/tiny_dense.h"

using namespace alluvium;

namespace {

// Three languages of token ids, and a domain for each second text.
TrainingTexts texts() {
    TrainingTexts result;
    for (const char* language : {"de", "en", "fr"}) {
        for (std::uint32_t n = 0; n < 4; ++n) {
            Prompt prompt;
            prompt.language = language;
            prompt.id = language + std::to_string(n);
            prompt.domain = n % 2 == 0 ? "health" : "travel";
            for (std::uint32_t i = 0; i < 20; ++i) prompt.ids.push_back(20 * n % 61 + i % 3);
            result.training.push_back(std::move(prompt));
        }
    }
    return result;
}

class Sweep {
  public:
    Sweep() {
        test::TinyDense().write(folder_ / "dense");
        setting.folder = folder_ / "sweep";
        setting.upcycling = {.experts = 3,
                             .top_k = 2,
                             .experts_by = ExpertsBy::language,
                             .languages = {"de", "en", "fr"},
                             .renormalise = true};
        setting.training.sequences = 2;
        setting.training.length = 8;
        setting.training.schedule = {.peak = 0.01, .warmup = 1, .steps = 3};
        setting.training.dtype = "f32";
        setting.training.threads = 1;
        setting.texts = texts();
        setting.score = [this](const Checkpoint& model, Progress&) {
            ++scored;
            return std::vector<SweepScore>{
                {"tensors", kSweepMean, static_cast<double>(model.tensors().size()), 0, 1, 1}};
        };
    }

    SweepResult run(const SweepRow& row) {
        Progress progress;
        return carry_out(*Checkpoint::open(folder_ / "dense"), row.run, setting, progress);
    }

    SweepSetting setting;
    int scored = 0;

  private:
    test::TemporaryFolder folder_;
};

std::vector<SweepRow> rows(SweepOptions options) {
    return plan_sweep(options);
}

}  // namespace

TEST_CASE("A sweep over the last layers routes as many layers as its rows say", "[model]") {
    Sweep sweep;
    for (const SweepRow& row : rows({.last = {0, 1, 3}, .strategies = {}, .texts = {}})) {
        const SweepResult result = sweep.run(row);
        CHECK(std::to_string(result.routed.size()) == row.label);
        CHECK(result.steps == 3);
        CHECK(result.tokens == 3 * 2 * 8);
    }
}

TEST_CASE("A dense model of the same total has the mixture's parameters, all of them active",
          "[model]") {
    Sweep sweep;
    const auto plan = rows({.last = {}, .strategies = {"top-k", "same-total"}, .texts = {}});
    const SweepResult mixture = sweep.run(plan[0]);
    const SweepResult dense = sweep.run(plan[1]);
    // Half a neuron of 3 x 32 weights in each of 3 layers.
    CHECK(std::abs(static_cast<double>(dense.parameters) -
                   static_cast<double>(mixture.parameters)) <= 144);
    CHECK(dense.active_parameters == dense.parameters);
    CHECK(mixture.active_parameters < mixture.parameters);
}

TEST_CASE("A run with a result is not done again", "[model]") {
    Sweep sweep;
    const SweepRow row = rows({.last = {1}, .strategies = {}, .texts = {}}).front();
    const SweepResult first = sweep.run(row);
    const SweepResult again = sweep.run(row);
    CHECK(sweep.scored == 1);
    CHECK(sweep_csv({{row, again}}) == sweep_csv({{row, first}}));
}

TEST_CASE("A result of other options is refused, not shown", "[model]") {
    Sweep sweep;
    const SweepRow row = rows({.last = {0}, .strategies = {}, .texts = {}}).front();
    sweep.run(row);
    sweep.setting.training.schedule.steps = 4;
    CHECK_THROWS_AS(sweep.run(row), UserError);
}

TEST_CASE("Every option that changes a model makes an older result another one", "[model]") {
    const SweepRow row = rows({.last = {1}, .strategies = {}, .texts = {}}).front();
    Sweep sweep;
    sweep.run(row);
    const SweepSetting before = sweep.setting;
    const std::function<void(SweepSetting&)> changes[] = {
        [](SweepSetting& s) { s.training.clip = 0.5; },
        [](SweepSetting& s) { s.training.dtype = "f64"; },
        [](SweepSetting& s) { s.training.weight = LanguageWeight::equal; },
        [](SweepSetting& s) { s.training.adamw.weight_decay = 0; },
        [](SweepSetting& s) {
            s.upcycling.languages = {"de", "en", "es"};
        },
        [](SweepSetting& s) { s.texts.training.pop_back(); },
        [](SweepSetting& s) { s.scored_by = "other texts"; }};
    for (const auto& change : changes) {
        sweep.setting = before;
        change(sweep.setting);
        CHECK_THROWS_AS(sweep.run(row), UserError);
    }
    CHECK(sweep.scored == 1);
}

TEST_CASE("A run stopped half way goes on to the result of a run that was not", "[model]") {
    const SweepRow row = rows({.last = {2}, .strategies = {}, .texts = {}}).front();
    Sweep whole, stopped;
    const auto weights = [](const Sweep& sweep) {
        return read_file(sweep.setting.folder / "last-2-hybrid-k" / "model" / "model.safetensors");
    };
    whole.run(row);
    Progress progress;
    progress.cancel();
    stopped.setting.training.save_every = 1;
    CHECK_THROWS_AS(carry_out(*Checkpoint::open(stopped.setting.folder.parent_path() / "dense"),
                              row.run, stopped.setting, progress),
                    Cancelled);
    CHECK(stopped.scored == 0);
    stopped.run(row);
    CHECK(weights(stopped) == weights(whole));
}

TEST_CASE("A run may learn from one language, or from all domains but one", "[model]") {
    Sweep sweep;
    for (const SweepRow& row :
         rows({.last = {}, .strategies = {}, .texts = {"only:fr", "without:health"}})) {
        CHECK(sweep.run(row).steps == 3);
    }
    CHECK_THROWS_AS(sweep.run(rows({.last = {}, .strategies = {}, .texts = {"only:xx"}}).front()),
                    UserError);
}

TEST_CASE("The table has a line per score and leaves missing numbers empty", "[model]") {
    SweepEntry entry;
    entry.row = rows({.last = {0}, .strategies = {}, .texts = {}}).front();
    entry.result = {{}, 10, 10, 3, 48, {}};
    entry.result.scores = {{"nats_per_byte", "fr", 1.5, 1.25, 1.75, 9},
                           {"nats_per_byte", kSweepMean, std::nan(""), 0, 0, 0}};
    CHECK(sweep_csv({entry}) ==
          "experiment,label,run,routed_layers,routing,parameters,active_parameters,steps,tokens,"
          "measure,group,value,low,high,count\n"
          "last,0,dense,0,dense,10,10,3,48,nats_per_byte,fr,1.5,1.25,1.75,9\n"
          "last,0,dense,0,dense,10,10,3,48,nats_per_byte,mean,,0,0,0\n");
}
