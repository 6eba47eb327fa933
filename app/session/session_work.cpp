// The parts of a session that start long work: runs, exports and session files.
#include <algorithm>
#include <utility>

#include "app/session/free_name.h"
#include "app/session/session.h"
#include "base/error.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

}  // namespace

void Session::choose_prompts(PromptChoice choice) {
    const bool other_set = choice.set != choice_.set;
    choice_ = std::move(choice);
    if (!other_set) return;
    set_.reset();
    if (!choice_.set.empty()) read_prompts(choice_.set);
}

void Session::choose_default_prompts() {
    const std::vector<std::string> files = builtin_prompt_files();
    if (!(choice_ == PromptChoice{}) || files.empty()) return;
    const auto first = std::find_if(files.begin(), files.end(), [](const std::string& file) {
        return fs::path(file).stem() == "first";
    });
    choose_prompts({.set = first == files.end() ? files.front() : *first});
}

void Session::read_prompts(const std::string& path) {
    jobs_.start(
        {.tag = "prompts", .key = path, .title = "Read " + fs::path(path).filename().string()},
        [this, path](Progress&) -> Delivery {
            auto set = std::make_shared<const PromptSet>(read_prompt_set(path));
            return [this, set] { set_ = set; };
        });
}

std::shared_ptr<const PromptSet> Session::prompt_set() const {
    return set_;
}

std::string Session::run_checkpoint() const {
    if (documents_.checkpoint(run_checkpoint_) != nullptr) return run_checkpoint_;
    return documents_.checkpoints().empty() ? "" : documents_.checkpoints().back().id;
}

std::string Session::why_not_run() const {
    const CheckpointDocument* checkpoint = documents_.checkpoint(run_checkpoint());
    if (checkpoint == nullptr) return "open a checkpoint folder first";
    if (!checkpoint->summary.problems.empty()) return checkpoint->summary.problems.front();
    if (!choice_.set.empty() && !set_) return "the prompt set is being read";
    if (choice_.set.empty() && choice_.own_text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return "choose a prompt set or type a prompt";
    }
    return {};
}

void Session::run() {
    start_run(0);
}

void Session::generate(std::uint32_t tokens) {
    start_run(tokens);
}

void Session::start_run(std::uint32_t generate) {
    const CheckpointDocument* checkpoint = documents_.checkpoint(run_checkpoint());
    if (const std::string reason = why_not_run(); !reason.empty()) {
        tell({"Run", "cannot start: " + reason, {}});
        return;
    }
    const std::string set_name = set_ ? set_->name : "own-text";
    CaptureJob job{
        .checkpoint = checkpoint->id, .prompts = {}, .prompt_set_name = set_name, .output = {}};
    try {
        job.prompts = chosen_prompts(choice_, set_ ? *set_ : PromptSet{});
    } catch (const UserError& error) {
        tell({"Run", error.what(), error.hint()});
        return;
    }
    job.output = free_name(environment_.folders.captures, checkpoint->name + "-" + set_name, ".h5");
    job.generate = generate;
    live_ = generate == 0 ? nullptr : std::make_shared<LiveText>(environment_.wake);
    if (live_) job.live = [live = live_](const LiveTokens& tokens) { live->add(tokens); };
    const std::string title = "Run " + checkpoint->name + " on " + set_name + " (" +
                              std::to_string(job.prompts.size()) + " prompts)";
    jobs_.start({.tag = kRunTag,
                 .key = job.output.string(),
                 .title = title,
                 .unit = "tokens",
                 .lane = Lane::model},
                [this, job, model = environment_.model](Progress& progress) -> Delivery {
                    run_capture(model, job, progress);
                    TracePtr trace = open_trace(job.output.string());
                    return [this, id = document_id(job.output), trace] {
                        add_trace(id, trace, ShowAs::automatic);
                        live_.reset();
                    };
                });
}

void Session::capture_changed(const InterventionPlan& plan) {
    const fs::path output =
        free_name(environment_.folders.captures,
                  fs::path(plan.checkpoint).filename().string() + "-changed", ".h5");
    const ProgramCall call{.program = environment_.program,
                           .arguments = changed_capture_arguments(plan, output)};
    jobs_.start({.tag = kChangedRunTag,
                 .key = output.string(),
                 .title = "Run with the changed routing",
                 .unit = "tokens",
                 .lane = Lane::program},
                [this, call, output](Progress& progress) -> Delivery {
                    fs::create_directories(output.parent_path());
                    run_program(call, progress);
                    TracePtr trace = open_trace(output.string());
                    return [this, id = document_id(output), trace] {
                        add_trace(id, trace, ShowAs::b);
                    };
                });
}

void Session::export_to(const fs::path& path, const std::function<void(const fs::path&)>& write) {
    jobs_.start(
        {.tag = "save " + path.string(), .key = {}, .title = "Save " + path.filename().string()},
        [this, path, write](Progress&) -> Delivery {
            write(path);
            return [this, path] { notice_ = "Saved " + path.string(); };
        });
}

void Session::export_trace(const std::string& trace, const fs::path& path) {
    if (document_id(path) == trace) {
        tell({"Save trace", path.string() + " is the trace itself", "choose another name"});
        return;
    }
    export_to(path, [trace](const fs::path& to) {
        std::error_code failed;
        fs::copy_file(trace, to, fs::copy_options::overwrite_existing, failed);
        if (failed) throw RunError(to.string() + ": " + failed.message());
    });
}

SessionFile Session::snapshot() const {
    std::vector<std::string> open = documents_.ids();
    for (const RunDocument& run : training_.runs()) {
        // Opened as a checkpoint it brings its run along.
        if (documents_.checkpoint(run.id) == nullptr) open.push_back(run.id);
    }
    for (const ScoreDocument& scores : evaluations_.documents()) open.push_back(scores.id);
    for (const auto& effects : interventions_.documents()) open.push_back(effects.id);
    return {.open = std::move(open), .view = view(), .prompts = choice_};
}

void Session::look_for_lost() {
    lost_ = recover_session(environment_.folders.config);
    if (!lost_) return;
    tell({"A window was lost", "what was open in it, and how it was shown, has been kept",
          "File > Restore the lost session brings it back"});
}

void Session::restore_lost() {
    if (lost_) open_session(lost_->string());
    lost_.reset();
}

void Session::save(const fs::path& path) {
    export_to(path, [file = snapshot()](const fs::path& to) { save_session_file(file, to); });
}

}  // namespace alluvium
