#pragma once
// The workbench without its window: what is open, what is shown, what is under way. Owned by one
// thread, the one that draws; nothing here blocks on work, knows ImGui or calls GL.
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/session/autosave.h"
#include "app/session/documents.h"
#include "app/session/evaluations.h"
#include "app/session/history.h"
#include "app/session/interventions.h"
#include "app/session/jobs.h"
#include "app/session/live_text.h"
#include "app/session/notes.h"
#include "app/session/pairs.h"
#include "app/session/prompt_choice.h"
#include "app/session/results.h"
#include "app/session/session_file.h"
#include "app/session/settings.h"
#include "app/session/training_runs.h"
#include "app/session/user_folders.h"
#include "app/session/view_state.h"

namespace alluvium {

// What a session needs from outside.
struct Environment {
    ModelServices model;
    UserFolders folders;
    std::function<TextMeter()> text_meter;  // called on the threads of the analysis lane
    std::filesystem::path program = {};     // this one, for work that runs apart
    bool autosave = false;                  // keep the session for after a crash
    std::function<void()> wake = {};        // called from any thread when update() has work
};

// Something a person must be told; stays until dismissed.
struct Message {
    std::string title;  // what was being done
    std::string what;
    std::string hint;

    std::string text() const;  // as the command line would say it; for copying
};

// Which side of the comparison an opened trace goes to.
enum class ShowAs { automatic, a, b, nothing };

class Session {
  public:
    // Of the job that runs prompts.
    static constexpr const char* kRunTag = "run";

    explicit Session(Environment environment);

    // At the start of every frame: takes in what jobs have found. True where something changed.
    bool update();
    // Until nothing is under way: for headless pictures and tests.
    void finish_jobs();

    // --- what is open
    const Documents& documents() const { return documents_; }
    // A checkpoint folder, a training run, a trace, scores or a session file; anything else ends in
    // a message.
    void open(const std::filesystem::path& path, ShowAs show = ShowAs::automatic);
    void close(const std::string& id);

    // --- what is shown
    const ViewState& view() const { return history_.now(); }
    const History<ViewState>& history() const { return history_; }
    // `what` names the step for undo; changes in a row with the same `series` are one step.
    void change_view(std::string what, const std::function<void(ViewState&)>& edit,
                     std::string series = {});
    void undo();
    void redo();
    void select(const Selection& selection);
    void show_a(const std::string& trace);
    // Opens the comparison; empty: closes it.
    void show_b(const std::string& trace);
    void swap_sides();
    // Computes everything on this part of the traces only (docs/slices.md); empty: on all.
    void filter(const std::string& slice);
    // Looks for the tokens that took a route.
    void search(const std::string& query);

    // --- notes about experts, in a file beside the trace
    const Notes& notes(const std::string& trace) const;
    // Saved at once; a failure is a message.
    void note(const std::string& trace, const Note& note);
    void unpin(const std::string& trace, int layer, int expert);

    // --- results of the traces shown; see Results
    Results& results() { return results_; }
    AnalysisOptions analysis_options() const;
    Answer<Analysis> analysis(const std::string& trace);
    // What the experts of the selected layer are like. Neither current nor under way: it cannot be
    // known.
    Answer<LayerExperts> selected_experts();

    // --- runs
    const PromptChoice& prompt_choice() const { return choice_; }
    void choose_prompts(PromptChoice choice);
    // The smallest prompt set that comes with the program, where nothing is chosen yet.
    void choose_default_prompts();
    // The chosen set once it is read; nullptr meanwhile and for one's own text.
    std::shared_ptr<const PromptSet> prompt_set() const;
    // Which checkpoint runs: the one chosen, else the only or the last one opened.
    std::string run_checkpoint() const;
    void choose_checkpoint(const std::string& id) { run_checkpoint_ = id; }
    // Empty where a run can start; else what is missing, in words for a button's tooltip.
    std::string why_not_run() const;
    void run();
    // Runs the chosen prompts and goes on with each for up to so many greedy tokens.
    void generate(std::uint32_t tokens);
    // What is being generated; nullptr: nothing.
    const LiveText* live() const { return live_.get(); }

    // Runs the plan's prompts with the changed routing and shows them as B, beside the unchanged A.
    void capture_changed(const InterventionPlan& plan);
    static constexpr const char* kChangedRunTag = "changed run";

    // --- training, evaluation and changes of the routing, as programs of their own
    TrainingRuns& training() { return training_; }
    Evaluations& evaluations() { return evaluations_; }
    Interventions& interventions() { return interventions_; }
    // What one changed thing in a text does.
    Pairs& pairs() { return pairs_; }
    const UserFolders& folders() const { return environment_.folders; }

    // --- exports, as jobs; `write` is called on the analysis lane
    void export_to(const std::filesystem::path& path,
                   const std::function<void(const std::filesystem::path&)>& write);
    void export_trace(const std::string& trace, const std::filesystem::path& path);

    // --- session files
    void save(const std::filesystem::path& path);
    SessionFile snapshot() const;
    // Tells of a session that a crash has left, and keeps it for restore_lost().
    void look_for_lost();
    bool has_lost() const { return lost_.has_value(); }
    void restore_lost();
    // Something is still to be kept: update() has to be called again soon.
    bool unsettled() const { return autosave_ && autosave_->pending(); }

    Jobs& jobs() { return jobs_; }
    const std::vector<Message>& messages() const { return messages_; }
    void tell(Message message) { messages_.push_back(std::move(message)); }
    void dismiss_message(std::size_t index);
    // A line for the status bar: the last thing that went well.
    const std::string& notice() const { return notice_; }

    Settings& settings() { return settings_; }
    // Writes the settings; a failure is a message.
    void keep_settings();

  private:
    void open_trace_file(const std::string& id, ShowAs show);
    void open_checkpoint(const std::string& id);
    void open_session(const std::string& id);
    void open_folder(const std::string& id);
    void open_result(const std::string& id);
    void restore(const SessionFile& file);
    void add_trace(const std::string& id, TracePtr trace, ShowAs show);
    void fill_first_side();
    void read_notes_of(const std::string& id);
    void change_notes(const std::string& id, const std::function<void(Notes&)>& edit);
    bool is_slice(const std::string& title, const std::string& text);
    void show(const TraceDocument& document, ShowAs where);
    void read_prompts(const std::string& path);
    void remember(const std::string& id);
    void start_run(std::uint32_t generate);

    Environment environment_;
    Settings settings_;
    Documents documents_;
    History<ViewState> history_;
    PromptChoice choice_;
    std::shared_ptr<const PromptSet> set_;
    std::string run_checkpoint_;
    std::map<std::string, Notes> notes_;  // by trace id; absent: unreadable, must not be replaced
    std::shared_ptr<LiveText> live_;
    std::vector<Message> messages_;
    std::string notice_;
    // Jobs hold values only; what they deliver touches this session, and is never called once the
    // jobs are gone.
    Jobs jobs_;
    Results results_;
    TrainingRuns training_;
    Evaluations evaluations_;
    Interventions interventions_;
    Pairs pairs_;
    std::optional<Autosave> autosave_;
    std::optional<std::filesystem::path> lost_;
};

}  // namespace alluvium
