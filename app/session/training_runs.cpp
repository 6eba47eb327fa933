#include "app/session/training_runs.h"

#include <algorithm>
#include <sstream>

#include "analysis/figures/training_figure.h"
#include "app/session/child_program.h"
#include "base/error.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

constexpr auto kReadEvery = std::chrono::seconds(1);
// In as many steps; enough to see a curve bend.
constexpr int kValidations = 10;

std::string tag_of(const std::string& id) {
    return "train " + id;
}

std::string number(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

}  // namespace

std::vector<std::string> train_arguments(const TrainingPlan& plan) {
    std::vector<std::string> words = {"train", plan.checkpoint, "--text"};
    words.insert(words.end(), plan.texts.begin(), plan.texts.end());
    if (!plan.validation.empty()) {
        words.emplace_back("--validation");
        words.insert(words.end(), plan.validation.begin(), plan.validation.end());
        words.emplace_back("--validate-every");
        words.push_back(std::to_string(std::max(1, plan.steps / kValidations)));
    }
    const auto add = [&words](const char* option, const std::string& value) {
        words.emplace_back(option);
        words.push_back(value);
    };
    add("-o", plan.output);
    add("--routing", plan.routing);
    add("--steps", std::to_string(plan.steps));
    add("--sequences", std::to_string(plan.sequences));
    add("--sequence", std::to_string(plan.length));
    add("--lr", number(plan.learning_rate));
    add("--warmup", std::to_string(std::max(1, plan.steps / 20)));
    add("--save-every", std::to_string(plan.save_every));
    if (plan.capture_every > 0) {
        add("--trace-every", std::to_string(plan.capture_every));
        add("--trace-prompts", plan.capture_prompts);
    }
    return words;
}

std::string why_not_train(const TrainingPlan& plan) {
    if (plan.checkpoint.empty()) return "open a checkpoint folder first";
    if (plan.texts.empty()) return "add a file of texts to learn from";
    if (plan.output.empty()) return "name a folder for the result";
    if (fs::exists(fs::path(plan.output) / "log.csv")) {
        return "the folder for the result holds a run already: name another";
    }
    if (plan.steps < 1) return "a run has at least one step";
    if (plan.sequences < 1 || plan.length < 1) return "a step has at least one token";
    if (!(plan.learning_rate > 0)) return "the learning rate has to be above 0";
    return {};
}

bool TrainingRuns::running(const std::string& id) const {
    const std::vector<JobStatus> jobs = jobs_.status();
    return std::any_of(jobs.begin(), jobs.end(),
                       [&](const JobStatus& job) { return job.tag == tag_of(id); });
}

const JobStatus* TrainingRuns::job(const std::string& id,
                                   const std::vector<JobStatus>& jobs) const {
    const auto found = std::find_if(jobs.begin(), jobs.end(),
                                    [&](const JobStatus& job) { return job.tag == tag_of(id); });
    return found == jobs.end() ? nullptr : &*found;
}

RunDocument* TrainingRuns::find(const std::string& id) {
    const auto found = std::find_if(runs_.begin(), runs_.end(),
                                    [&](const RunDocument& document) { return document.id == id; });
    return found == runs_.end() ? nullptr : &*found;
}

void TrainingRuns::start(const TrainingPlan& plan) {
    run(plan.output, train_arguments(plan), {});
}

void TrainingRuns::resume(const std::string& id) {
    const RunDocument* document = find(id);
    if (document == nullptr || !document->run || document->run->command.empty()) return;
    std::vector<std::string> arguments = document->run->command;
    arguments.emplace_back("--resume");
    run(id, std::move(arguments), document->run->started_in);
}

void TrainingRuns::run(const std::string& id, std::vector<std::string> arguments,
                       const fs::path& folder) {
    if (find(id) == nullptr) runs_.push_back({.id = id});
    jobs_.start({.tag = tag_of(id),
                 .key = id,
                 .title = "Train " + fs::path(id).filename().string(),
                 .unit = "tokens",
                 .lane = Lane::program},
                [this, id, call = ProgramCall{program_, std::move(arguments), folder}](
                    Progress& progress) -> Delivery {
                    fs::create_directories(fs::path(id).parent_path());
                    run_program(call, progress);
                    return [this, id] {
                        watch(id);
                        finished_(id);
                    };
                });
}

void TrainingRuns::stop(const std::string& id) {
    jobs_.cancel_tag(tag_of(id));
}

void TrainingRuns::watch(const std::string& id) {
    if (find(id) == nullptr) runs_.push_back({.id = id});
    read(*find(id));
}

void TrainingRuns::show(const std::string& id, bool shown) {
    if (RunDocument* document = find(id)) document->shown = shown;
}

void TrainingRuns::forget(const std::string& id) {
    std::erase_if(runs_, [&](const RunDocument& document) { return document.id == id; });
}

void TrainingRuns::read(RunDocument& document) {
    document.read_at = std::chrono::steady_clock::now();
    jobs_.start({.tag = "log " + document.id, .key = {}, .title = "Read the log"},
                [this, id = document.id](Progress&) -> Delivery {
                    auto run = std::make_shared<const TrainingRun>(read_training_run(id));
                    return [this, id, run] {
                        RunDocument* read = find(id);
                        if (read == nullptr) return;
                        const bool same = read->run &&
                                          read->run->steps.size() == run->steps.size() &&
                                          read->run->validation.size() == run->validation.size() &&
                                          read->run->planned_steps == run->planned_steps;
                        if (same) return;
                        read->run = run;
                        read->serial = next_serial_++;
                    };
                });
}

void TrainingRuns::update() {
    const auto now = std::chrono::steady_clock::now();
    for (RunDocument& document : runs_) {
        const bool due = now - document.read_at >= kReadEvery;
        // Its first steps may be minutes away: until then there is no log.
        if (due && running(document.id) && is_training_run(document.id)) read(document);
    }
}

std::vector<TrainingRun> TrainingRuns::shown_runs() const {
    std::vector<TrainingRun> shown;
    for (const RunDocument& document : runs_) {
        if (document.shown && document.run) shown.push_back(*document.run);
    }
    return shown;
}

std::shared_ptr<const Figure> TrainingRuns::figure(const TrainingPicture& picture) {
    std::ostringstream key;
    key << picture.width << 'x' << picture.height << ' ' << picture.dark << picture.heading;
    for (const RunDocument& document : runs_) {
        if (document.shown && document.run) key << ' ' << document.serial;
    }
    std::vector<TrainingRun> shown = shown_runs();
    if (shown.empty()) return nullptr;
    if (key.str() == figure_key_) return figure_;
    jobs_.start(
        {.tag = "figure training", .key = key.str(), .title = "Draw the curves"},
        [this, key = key.str(), shown = std::move(shown), picture,
         meter = text_meter_](Progress&) -> Delivery {
            const TrainingFigureOptions options{picture.width, picture.height, picture.heading};
            auto figure = std::make_shared<const Figure>(training_figure(
                shown, options, picture.dark ? dark_theme() : light_theme(), meter()));
            return [this, key, figure] {
                figure_ = figure;
                figure_key_ = key;
            };
        });
    return figure_;
}

}  // namespace alluvium
