#include "app/session/session.h"

#include <algorithm>
#include <utility>

#include "analysis/slices/slice.h"
#include "base/error.h"

namespace alluvium {
namespace {

namespace fs = std::filesystem;

bool looks_like_trace(const fs::path& path) {
    const std::string ending = path.extension().string();
    return ending == ".h5" || ending == ".hdf5";
}

}  // namespace

std::string Message::text() const {
    std::string text = title.empty() ? "" : title + "\n";
    text += "error: " + what + "\n";
    if (!hint.empty()) text += "hint: " + hint + "\n";
    return text;
}

Session::Session(Environment environment)
    : environment_(std::move(environment)),
      settings_(read_settings(environment_.folders.config)),
      jobs_(environment_.wake),
      results_(jobs_, environment_.text_meter, environment_.folders.cache / "routes"),
      training_(jobs_, environment_.program, environment_.text_meter,
                [this](const std::string& folder) { open_checkpoint(folder); }),
      evaluations_(jobs_, environment_.program, environment_.folders.scores),
      interventions_(jobs_, environment_.program, environment_.folders.scores),
      pairs_(jobs_, environment_.model, environment_.folders.captures, environment_.text_meter) {
    if (environment_.autosave) autosave_.emplace(jobs_, environment_.folders.config);
}

bool Session::update() {
    bool changed = jobs_.drain();
    training_.update();
    for (JobEnd& end : jobs_.take_ends()) {
        changed = true;
        results_.job_ended(end);
        if (end.tag == kRunTag) live_.reset();
        if (end.cancelled) {
            notice_ = "Cancelled: " + end.title;
        } else {
            tell({end.title, std::move(end.what), std::move(end.hint)});
        }
    }
    if (changed) fill_first_side();
    if (autosave_) autosave_->keep(snapshot());
    return changed;
}

// Of traces opened together the one that was to be A may not open.
void Session::fill_first_side() {
    if (!view().a.empty() || view().b.empty()) return;
    for (const JobStatus& job : jobs_.status()) {
        if (job.tag.starts_with("open ")) return;
    }
    change_view("show as A", [](ViewState& v) {
        v.a = std::exchange(v.b, {});
        v.layout = Layout::explore;
    });
}

void Session::finish_jobs() {
    do {
        jobs_.finish();
        update();
    } while (jobs_.busy());
}

// ---------------------------------------------------------------- opening

void Session::open(const fs::path& path, ShowAs show) {
    const std::string id = document_id(path);
    if (is_session_file(id)) return open_session(id);
    if (fs::is_directory(id)) return open_folder(id);
    if (fs::exists(id) && looks_like_trace(id)) return open_trace_file(id, show);
    if (fs::exists(id) && fs::path(id).extension() == ".json") return open_result(id);
    const bool there = fs::exists(id);
    tell({"Open " + id,
          there ? "not a checkpoint folder, a trace (.h5), scores (.json) or a session"
                : "no such file",
          "open a folder with config.json, a trace ending in .h5, what evaluate --json wrote, or "
          "a session ending in " +
              std::string(kSessionEnding)});
}

void Session::open_trace_file(const std::string& id, ShowAs show) {
    jobs_.start(
        {.tag = "open " + id, .key = id, .title = "Open " + fs::path(id).filename().string()},
        [this, id, show](Progress&) -> Delivery {
            TracePtr trace = open_trace(id);
            return [this, id, show, trace] { add_trace(id, trace, show); };
        });
}

// A run that has not saved yet is no checkpoint; an ordinary checkpoint is no run.
void Session::open_folder(const std::string& id) {
    const bool run = is_training_run(id);
    if (run) training_.watch(id);
    if (!run || fs::exists(fs::path(id) / "config.json")) open_checkpoint(id);
}

// Scores and effects are told apart by what they hold.
void Session::open_result(const std::string& id) {
    const bool effects = holds_intervention(id);
    effects ? interventions_.open(id) : evaluations_.open(id);
}

void Session::open_checkpoint(const std::string& id) {
    if (!environment_.model.available()) {
        tell({"Open " + id, "this program was built without libtorch and cannot read checkpoints",
              "build with -DALLUVIUM_TORCH=ON, or open a trace"});
        return;
    }
    jobs_.start(
        {.tag = "open " + id, .key = id, .title = "Open " + fs::path(id).filename().string()},
        [this, id, describe = environment_.model.describe](Progress&) -> Delivery {
            const CheckpointSummary summary = describe(id);
            return [this, id, summary] {
                documents_.add_checkpoint(id, summary);
                run_checkpoint_ = id;
                remember(id);
            };
        });
}

void Session::open_session(const std::string& id) {
    jobs_.start(
        {.tag = "session", .key = id, .title = "Open session " + fs::path(id).filename().string()},
        [this, id](Progress&) -> Delivery {
            const SessionFile file = read_session_file(id);
            return [this, id, file] {
                restore(file);
                remember(id);
            };
        });
}

void Session::restore(const SessionFile& file) {
    documents_.close_all();
    training_.forget_all();
    evaluations_.forget_all();
    interventions_.forget_all();
    pairs_.forget_all();
    history_.reset(file.view);
    choose_prompts(file.prompts);
    for (const std::string& path : file.open) open(path, ShowAs::nothing);
}

void Session::add_trace(const std::string& id, TracePtr trace, ShowAs where) {
    if (const TraceDocument* old = documents_.trace(id)) results_.forget(*old);
    documents_.add_trace(id, std::move(trace));
    const TraceDocument& document = *documents_.trace(id);
    read_notes_of(id);
    remember(id);
    show(document, where);
}

// A trace of the checkpoint on one side takes that side; one of another checkpoint becomes the
// comparison.
void Session::show(const TraceDocument& document, ShowAs where) {
    const auto same_checkpoint = [&](const std::string& side) {
        const TraceDocument* other = documents_.trace(side);
        return other != nullptr && other->trace->header().model.checkpoint_id ==
                                       document.trace->header().model.checkpoint_id;
    };
    if (where == ShowAs::nothing) return;
    if (where == ShowAs::automatic) {
        const bool to_a = view().a.empty() || document.id == view().a ||
                          (same_checkpoint(view().a) && !same_checkpoint(view().b));
        where = to_a ? ShowAs::a : ShowAs::b;
    }
    where == ShowAs::a ? show_a(document.id) : show_b(document.id);
}

void Session::close(const std::string& id) {
    jobs_.cancel_tag("open " + id);
    if (const TraceDocument* document = documents_.trace(id)) {
        results_.forget(*document);
        notice_ = "Closed " + document->name;
    }
    documents_.close(id);
    if (run_checkpoint_ == id) run_checkpoint_.clear();
    if (view().b == id) show_b({});
    if (view().a != id) return;
    change_view("close " + id, [](ViewState& v) {
        v.a = std::exchange(v.b, {});
        v.layout = v.layout == Layout::compare ? Layout::explore : v.layout;
    });
}

void Session::remember(const std::string& id) {
    remember_recent(settings_, id);
    keep_settings();
    notice_ = "Opened " + std::filesystem::path(id).filename().string();
}

// ---------------------------------------------------------------- view

void Session::change_view(std::string what, const std::function<void(ViewState&)>& edit,
                          std::string series) {
    ViewState next = view();
    edit(next);
    history_.change(std::move(next), std::move(what), std::move(series));
}

void Session::undo() {
    const std::string what = history_.undo_what();
    if (history_.undo()) notice_ = "Undone: " + what;
}

void Session::redo() {
    const std::string what = history_.redo_what();
    if (history_.redo()) notice_ = "Done again: " + what;
}

// Whether the words can be understood; else a message says where not.
bool Session::is_slice(const std::string& title, const std::string& text) {
    try {
        if (!text.empty()) parse_slice(text, title);
        return true;
    } catch (const UserError& error) {
        tell({title, error.what(), error.hint()});
        return false;
    }
}

void Session::filter(const std::string& slice) {
    if (!is_slice("Filter", slice)) return;
    change_view(slice.empty() ? "end the filter" : "filter",
                [&](ViewState& v) { v.where = slice; });
}

void Session::search(const std::string& query) {
    if (!is_slice("Search", query)) return;
    change_view("search", [&](ViewState& v) { v.search = query; });
}

void Session::select(const Selection& selection) {
    change_view("select", [&](ViewState& v) { v.selection = selection; });
}

void Session::show_a(const std::string& trace) {
    change_view("show as A", [&](ViewState& v) { v.a = trace; });
}

void Session::show_b(const std::string& trace) {
    change_view(trace.empty() ? "end the comparison" : "compare", [&](ViewState& v) {
        v.b = trace;
        if (!trace.empty()) v.layout = Layout::compare;
        if (trace.empty() && v.layout == Layout::compare) v.layout = Layout::explore;
    });
}

void Session::swap_sides() {
    if (view().b.empty()) return;
    change_view("swap A and B", [](ViewState& v) { std::swap(v.a, v.b); });
}

AnalysisOptions Session::analysis_options() const {
    AnalysisOptions options;
    options.by = view().by;
    options.where = view().where;
    options.circuit = CircuitOptions{.keep = parse_keep_rule(view().keep)};
    return options;
}

Answer<Analysis> Session::analysis(const std::string& trace) {
    const TraceDocument* document = documents_.trace(trace);
    return document == nullptr ? Answer<Analysis>{}
                               : results_.analysis(*document, analysis_options());
}

Answer<LayerExperts> Session::selected_experts() {
    const TraceDocument* document = documents_.trace(view().a);
    const Selection& selection = view().selection;
    if (document == nullptr) return {};
    const std::span<const RoutedLayerInfo> layers = document->trace->layers();
    const auto layer = std::find_if(layers.begin(), layers.end(), [&](const RoutedLayerInfo& info) {
        return info.layer == selection.layer;
    });
    const bool known = layer != layers.end() && layer->has_experts &&
                       document->trace->header().kind == TraceKind::tokens;
    if (!known) return {};
    return results_.layer_experts(*document, static_cast<std::size_t>(layer - layers.begin()),
                                  analysis_options());
}

// ---------------------------------------------------------------- messages and settings

void Session::dismiss_message(std::size_t index) {
    if (index < messages_.size()) {
        messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(index));
    }
}

void Session::keep_settings() {
    try {
        save_settings(settings_, environment_.folders.config);
    } catch (const std::exception& error) {
        tell({"Save settings", error.what(), {}});
    }
}

}  // namespace alluvium
