#include "model/train/train.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>

#include "base/error.h"
#include "base/files.h"
#include "captures/training_run.h"
#include "model/capture/capture.h"
#include "model/checkpoint/side_files.h"
#include "model/checkpoint/staged_folder.h"
#include "model/train/run_setup.h"
#include "model/train/run_texts.h"
#include "model/train/save_checkpoint.h"
#include "model/train/training_log.h"
#include "model/train/training_state.h"
#include "model/train/validation.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const std::vector<std::string> kValidationColumns = {"step", "language", "tokens", "nats_per_token",
                                                     "nats_per_byte"};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Tells glibc to keep what is freed: every step needs the memory of the step before, and fetching
// it anew from the kernel costs a tenth of the time. 32 MB is the largest block that it lets us
// keep.
void keep_freed_memory() {
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
    ::mallopt(M_TOP_PAD, 64 << 20);
}

// How the run was started, so that others can show how far it is and go on with it.
void keep_record(const fs::path& out, const TrainOptions& options) {
    TrainingRun record;
    record.command = options.command;
    std::erase(record.command, "--resume");
    std::erase(record.command, "--overwrite");
    record.started_in = fs::current_path();
    record.planned_steps = options.schedule.steps;
    write_file_atomically(out / kRunRecord, run_record(record));
}

// Where there is something to lose in `out`, the user has to say what is to become of it.
void prepare_folder(const fs::path& out, const TrainOptions& options) {
    std::error_code error;
    const bool taken = fs::exists(out / "config.json") || fs::exists(out / kTrainingState);
    if (taken && !options.resume && !options.overwrite) {
        throw UserError("'" + out.string() + "' exists",
                        "--resume goes on with it, --overwrite replaces it");
    }
    fs::create_directories(out, error);
    if (error) throw UserError("cannot create '" + out.string() + "': " + error.message());
    keep_record(out, options);
    if (options.resume) return;
    for (const char* name : {kTrainingState, "model.safetensors", "config.json"}) {
        fs::remove(out / name, error);
    }
}

class Run {
  public:
    Run(const Checkpoint& checkpoint, const RunSetup& setup, RunTexts texts,
        std::vector<Prompt> traced, const fs::path& out, const TrainOptions& options)
        : checkpoint_(checkpoint),
          setup_(setup),
          batches_(std::move(texts.batches)),
          out_(out),
          options_(options),
          traced_(std::move(traced)),
          weights_(checkpoint, setup.spec, setup.master),
          optimiser_(weights_.parameters(), options.adamw),
          validation_(std::move(texts.validation)) {}

    // Of the first batch, without a step.
    void write_gradients() {
        PassResult pass = forward(batches_->next());
        save_gradients(options_.gradients, weights_, gradients_of(pass));
        summary_.first_loss = summary_.last_loss = pass.cross_entropy.item<double>();
    }

    void resume_or_start() {
        position_.options = setup_.deciding_options;
        if (!options_.resume) {
            copy_side_files(checkpoint_.folder(), out_);
            return;
        }
        position_.step = read_run_position(out_).step;
        position_.tokens = read_run_position(out_).tokens;
        load_training_state(out_, weights_, optimiser_);
        batches_->skip(position_.step);
    }

    void go(Progress& progress) {
        const fs::path log = options_.log.empty() ? out_ / "log.csv" : options_.log;
        StepTable rows(log, step_columns(), position_.step);
        std::optional<StepTable> validation;
        if (!validation_.empty()) {
            validation.emplace(out_ / "validation.csv", kValidationColumns, position_.step);
        }
        const std::int64_t steps = options_.schedule.steps;
        progress.start(static_cast<std::uint64_t>(steps) * setup_.step_tokens);
        progress.advance(static_cast<std::uint64_t>(position_.step) * setup_.step_tokens);
        trace_if_missing(progress);
        while (position_.step < steps) {
            rows.add(step_fields(step()));
            progress.advance(setup_.step_tokens);
            const bool last = position_.step == steps;
            if (validation && (last || due(options_.validate_every))) validate(*validation);
            // Before a capture, too: one that is interrupted costs no step.
            const bool traces = due(options_.trace_every);
            if (last || progress.cancelled() || traces || due(options_.save_every)) save();
            if (due(options_.snapshot_every)) snapshot(out_ / step_name());
            if (traces) trace(progress);
            if (!last) progress.check();
        }
    }

    TrainSummary summary() const {
        TrainSummary result = summary_;
        result.steps = position_.step;
        result.routing = training_routing_word(setup_.pass.routing);
        result.dtype = setup_.dtype_word;
        return result;
    }

  private:
    PassResult forward(const TrainingBatch& batch) {
        return training_pass(setup_.spec, weights_, batch, setup_.pass);
    }

    std::vector<at::Tensor> gradients_of(const PassResult& pass) const {
        return torch::autograd::grad({pass.loss}, weights_.parameters(), {}, std::nullopt, false,
                                     /*allow_unused=*/true);
    }

    StepReport step() {
        const auto start = Clock::now();
        const TrainingBatch batch = batches_->next();
        const PassResult pass = forward(batch);
        StepReport report;
        report.loss = pass.cross_entropy.item<double>();
        report.step = position_.step + 1;
        std::vector<at::Tensor> gradients = gradients_of(pass);
        report.gradient_norm = clip_norm(gradients, options_.clip);
        if (!std::isfinite(report.loss) || !std::isfinite(report.gradient_norm)) {
            throw RunError("loss or gradient of step " + std::to_string(report.step) +
                           " is no number; what was saved before is still there "
                           "(a smaller --lr or --clip may help)");
        }
        report.learning_rate = learning_rate(options_.schedule, report.step);
        optimiser_.step(gradients, report.learning_rate);
        position_.step = report.step;
        position_.tokens += batch.language.numel();
        report.tokens = position_.tokens;
        report.balance = pass.balance;
        report.routing = pass.routing;
        report.seconds = seconds_since(start);
        report.step_tokens = batch.language.numel();
        note(report);
        return report;
    }

    // Every language with the same weight in the mean, however long its texts are.
    void validate(StepTable& table) {
        const std::vector<LanguageLoss> losses =
            validation_loss(setup_.spec, weights_, validation_,
                            {{options_.sequences, options_.length}, setup_.pass.narrow});
        double per_token = 0, per_byte = 0;
        std::uint64_t tokens = 0;
        const auto add = [&](const std::string& language, std::uint64_t count, double token,
                             double byte) {
            const std::array fields = {std::to_string(position_.step), language,
                                       std::to_string(count), number_field(token),
                                       number_field(byte)};
            table.add(fields);
        };
        for (const LanguageLoss& loss : losses) {
            add(loss.language, loss.tokens, loss.per_token(), loss.per_byte());
            per_token += loss.per_token() / static_cast<double>(losses.size());
            per_byte += loss.per_byte() / static_cast<double>(losses.size());
            tokens += loss.tokens;
        }
        add("mean", tokens, per_token, per_byte);
        summary_.validation_loss = per_token;
    }

    void note(const StepReport& report) {
        if (summary_.steps_run == 0) summary_.first_loss = report.loss;
        summary_.last_loss = report.loss;
        ++summary_.steps_run;
        summary_.tokens += report.step_tokens;
        summary_.seconds += report.seconds;
    }

    bool due(std::int64_t every) const { return every > 0 && position_.step % every == 0; }

    void save() {
        save_training_state(out_, position_, weights_, optimiser_);
        save_checkpoint(out_, weights_, setup_.save_dtype, setup_.config(position_));
    }

    std::string step_name() const {
        char name[32];
        std::snprintf(name, sizeof name, "step-%06lld", static_cast<long long>(position_.step));
        return name;
    }

    void snapshot(const fs::path& path) const {
        StagedFolder folder(path, /*overwrite=*/true);
        copy_side_files(checkpoint_.folder(), folder.path());
        save_checkpoint(folder.path(), weights_, setup_.save_dtype, setup_.config(position_));
        folder.commit();
    }

    fs::path trace_file() const { return out_ / (step_name() + ".h5"); }

    // By way of a checkpoint, as anyone would capture it.
    void trace(const Progress& progress) const {
        const StagedFolder passing(out_ / "traced", /*overwrite=*/true);  // never comes to be
        const fs::path folder = passing.path() / step_name();             // its name is the trace's
        snapshot(folder);
        CaptureOptions capturing;
        capturing.record.logits = false;
        capturing.command = "train --trace-every " + std::to_string(options_.trace_every);
        Progress unseen(&progress);
        const fs::path whole = passing.path() / trace_file().filename();
        capture(load_engine(folder, {.threads = options_.threads}), traced_, whole.string(),
                capturing, unseen);
        fs::rename(whole, trace_file());
    }

    // Of a run that was interrupted while it captured.
    void trace_if_missing(const Progress& progress) const {
        const bool was_due = position_.step > 0 && due(options_.trace_every);
        if (was_due && !fs::exists(trace_file())) trace(progress);
    }

    const Checkpoint& checkpoint_;
    const RunSetup& setup_;
    std::unique_ptr<BatchSource> batches_;
    fs::path out_;
    const TrainOptions& options_;
    std::vector<Prompt> traced_;
    TrainedWeights weights_;
    AdamW optimiser_;
    std::vector<TokenStream> validation_;
    RunPosition position_;
    TrainSummary summary_;
};

}  // namespace

TrainSummary train(const Checkpoint& checkpoint, const TrainingTexts& texts, const fs::path& out,
                   const TrainOptions& options, Progress& progress) {
    if (options.threads > 0) at::set_num_threads(options.threads);
    keep_freed_memory();
    const RunSetup setup = set_up_run(checkpoint, texts.training, options);
    if (options.gradients.empty()) {
        if (options.resume) check_resumable(out, setup);
        prepare_folder(out, options);
    }
    if (options.trace_every > 0 && texts.traced.empty()) {
        throw UserError("captures on the way need prompts", "give --trace-prompts F...");
    }
    Run run(checkpoint, setup, read_run_texts(checkpoint, texts, setup, options), texts.traced, out,
            options);
    if (!options.gradients.empty()) {
        run.write_gradients();
    } else {
        run.resume_or_start();
        run.go(progress);
    }
    return run.summary();
}

}  // namespace alluvium
