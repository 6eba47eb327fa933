#pragma once
// Training runs as the workbench sees them: folders with a log (captures/training_run.h), whoever
// started them. Those started here are programs of their own, stopped with SIGINT, saved and
// resumable.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/figures/figure.h"
#include "app/session/jobs.h"
#include "captures/training_run.h"

namespace alluvium {

// What a person chooses before a run.
struct TrainingPlan {
    std::string checkpoint;               // folder
    std::vector<std::string> texts;       // prompt files with languages
    std::vector<std::string> validation;  // may be none
    std::string routing = "auto";         // see `train --routing`
    int steps = 500;
    int sequences = 16, length = 256;  // of a step; tokens of a sequence
    double learning_rate = 1e-3;
    int save_every = 50;
    int capture_every = 0;        // steps between captures of the routing; 0: none
    std::string capture_prompts;  // a prompt file for them
    std::string output;           // folder

    bool operator==(const TrainingPlan&) const = default;
};

// The arguments of `alluvium` that carry the plan out.
std::vector<std::string> train_arguments(const TrainingPlan& plan);
// Empty where it can start; else what is missing, in words for a tooltip.
std::string why_not_train(const TrainingPlan& plan);

using TrainingRunPtr = std::shared_ptr<const TrainingRun>;

struct RunDocument {
    std::string id;            // the folder
    TrainingRunPtr run = {};   // nullptr: not read yet
    bool shown = true;         // in the picture
    std::uint64_t serial = 0;  // of what was read last
    std::chrono::steady_clock::time_point read_at = {};
};

// What a picture of the shown runs is laid out for.
struct TrainingPicture {
    double width = 0, height = 0;  // points
    bool dark = false;
    bool heading = true;
};

class TrainingRuns {
  public:
    // `program`: this one. `finished` is called on the session's thread with the folder of a run
    // started here that came to its end. `failed`: with title and text of what cannot be begun.
    TrainingRuns(Jobs& jobs, std::filesystem::path program, std::function<TextMeter()> text_meter,
                 std::function<void(const std::string&)> finished)
        : jobs_(jobs),
          program_(std::move(program)),
          text_meter_(std::move(text_meter)),
          finished_(std::move(finished)) {}

    const std::vector<RunDocument>& runs() const { return runs_; }
    bool running(const std::string& id) const;
    // Its job, where it is under way; nothing else.
    const JobStatus* job(const std::string& id, const std::vector<JobStatus>& jobs) const;

    void start(const TrainingPlan& plan);
    // Goes on with a run that knows its command.
    void resume(const std::string& id);
    void stop(const std::string& id);
    // Shows the run in this folder.
    void watch(const std::string& id);
    void show(const std::string& id, bool shown);
    void forget(const std::string& id);
    void forget_all() { runs_.clear(); }

    // Reads the logs of runs under way again, now and then. At the start of a frame.
    void update();

    // The curves of the shown runs; while new ones are drawn the last ones. nullptr: nothing yet.
    std::shared_ptr<const Figure> figure(const TrainingPicture& picture);
    std::vector<TrainingRun> shown_runs() const;

  private:
    RunDocument* find(const std::string& id);
    void run(const std::string& id, std::vector<std::string> arguments,
             const std::filesystem::path& folder);
    void read(RunDocument& document);

    Jobs& jobs_;
    std::filesystem::path program_;
    std::function<TextMeter()> text_meter_;
    std::function<void(const std::string&)> finished_;
    std::vector<RunDocument> runs_;
    std::uint64_t next_serial_ = 1;
    std::shared_ptr<const Figure> figure_;
    std::string figure_key_;
};

}  // namespace alluvium
