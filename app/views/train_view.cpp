#include <algorithm>
#include <array>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "analysis/figures/training_figure.h"
#include "analysis/number_text.h"
#include "app/session/duration_text.h"
#include "app/session/free_name.h"
#include "app/session/reproduce_command.h"
#include "app/views/any_text.h"
#include "app/views/data_tooltip.h"
#include "app/views/exports.h"
#include "app/views/figure_canvas.h"
#include "app/views/file_list.h"
#include "app/views/form_layout.h"
#include "app/views/view.h"
#include "app/views/work_button.h"

namespace alluvium {
namespace {

// A picture is laid out anew in steps of so many points, and for no less than this.
constexpr double kSizeStep = 12;
constexpr Size kLeast{420, 320};

struct Routing {
    const char* word;
    const char* says;
};
constexpr std::array kRoutings = {
    Routing{"auto", "top-k where the model has routers, dense where it has none"},
    Routing{"top-k", "the model's own rule"},
    Routing{"hybrid-k",
            "top-k; where the expert of a text's language is not chosen it replaces the last one"},
    Routing{"lang-spec", "the expert of the text's language alone; the router learns nothing"},
    Routing{"dense", "a model without routers"},
};

// Starts, stops and resumes training runs; their curves beside it.
class TrainView : public View {
  public:
    TrainView() : View(kTrain) {}

    void draw(Ui& ui) override {
        form_and_result(
            ui,
            [&] {
                draw_plan(ui);
                draw_runs(ui);
            },
            [&] { draw_curves(ui); },
            ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    }

  private:
    void draw_plan(Ui& ui) {
        ImGui::SeparatorText("New run");
        take_checkpoint(ui);
        file_list(ui, "Texts", "Prompt files whose rows name their language: .tsv, .jsonl, .txt",
                  plan_.texts);
        file_list(ui, "Validation texts", "Predicted now and then, never learnt from",
                  plan_.validation);
        draw_routing(ui);
        draw_numbers(ui);
        draw_capture(ui);
        ImGui::SetNextItemWidth(-1);
        ImGui::InputTextWithHint("##output", "folder for the result", &plan_.output);
        ImGui::SetItemTooltip("The folder that the run writes: checkpoint, log and state");
        draw_start(ui);
    }

    void take_checkpoint(Ui& ui) {
        const std::string chosen = ui.session.run_checkpoint();
        if (plan_.checkpoint != chosen || plan_.output.empty()) {
            plan_.checkpoint = chosen;
            const std::string name = std::filesystem::path(chosen).filename().string();
            plan_.output =
                chosen.empty()
                    ? std::string()
                    : free_name(ui.session.folders().runs, name + "-trained", "").string();
        }
        const CheckpointDocument* document = ui.session.documents().checkpoint(chosen);
        if (document == nullptr) return footnote(ui, "Open a checkpoint folder to train it.");
        ImGui::Text("Train %s", document->name.c_str());
        ImGui::SetItemTooltip("The checkpoint chosen in Project; it is not changed");
    }

    void draw_routing(Ui& ui) {
        ImGui::SetNextItemWidth(ui.px(140));
        if (!ImGui::BeginCombo("routing", plan_.routing.c_str())) return;
        for (const Routing& routing : kRoutings) {
            if (ImGui::Selectable(routing.word, plan_.routing == routing.word)) {
                plan_.routing = routing.word;
            }
            ImGui::SetItemTooltip("%s", routing.says);
        }
        ImGui::EndCombo();
    }

    void draw_numbers(Ui& ui) {
        ImGui::SetNextItemWidth(ui.px(140));
        ImGui::InputInt("steps", &plan_.steps, 100, 1000);
        ImGui::SetItemTooltip("Each learns from one batch");
        ImGui::SetNextItemWidth(ui.px(140));
        ImGui::InputInt("sequences a step", &plan_.sequences, 1, 8);
        ImGui::SetNextItemWidth(ui.px(140));
        ImGui::InputInt("tokens a sequence", &plan_.length, 32, 256);
        ImGui::SetNextItemWidth(ui.px(140));
        ImGui::InputDouble("learning rate", &plan_.learning_rate, 0, 0, "%.2g");
        ImGui::SetItemTooltip("At its peak, after a short rise; then down to a tenth as a cosine");
        ImGui::SetNextItemWidth(ui.px(140));
        ImGui::InputInt("save every", &plan_.save_every, 10, 100);
        ImGui::SetItemTooltip("Steps; a run that stops goes on from its last save");
        plan_.steps = std::max(plan_.steps, 1);
        plan_.save_every = std::max(plan_.save_every, 0);
    }

    void draw_capture(Ui& ui) {
        bool captures = plan_.capture_every > 0;
        const std::string set = ui.session.prompt_choice().set;
        ImGui::BeginDisabled(set.empty());
        if (ImGui::Checkbox("capture the routing on the way", &captures)) {
            plan_.capture_every = captures ? std::max(1, plan_.steps / 5) : 0;
        }
        ImGui::EndDisabled();
        ImGui::SetItemTooltip(
            "Of the prompt set chosen in Prompts; the captures lie in the result");
        plan_.capture_prompts = set;
        if (set.empty()) plan_.capture_every = 0;
        if (plan_.capture_every == 0) return;
        ImGui::SetNextItemWidth(ui.px(140));
        ImGui::InputInt("capture every", &plan_.capture_every, 50, 100);
        plan_.capture_every = std::max(plan_.capture_every, 1);
    }

    void draw_start(Ui& ui) {
        if (!start_button("Start training", why_not_train(plan_))) return;
        ui.session.training().start(plan_);
        plan_.output.clear();
    }

    void draw_runs(Ui& ui) {
        ImGui::SeparatorText("Runs");
        if (ImGui::Button("Open a run...")) {
            ui.state.picker.ask(
                {.kind = PickKind::folder,
                 .title = "Open the folder of a training run",
                 .suggested = {},
                 .chosen = [&s = ui.session](const std::string& path) { s.open(path); }});
        }
        const std::vector<JobStatus> jobs = ui.session.jobs().status();
        // A copy: buttons change the list.
        const std::vector<RunDocument> runs = ui.session.training().runs();
        for (const RunDocument& document : runs) {
            ImGui::PushID(document.id.c_str());
            draw_run(ui, document, ui.session.training().job(document.id, jobs));
            ImGui::PopID();
        }
    }

    void draw_run(Ui& ui, const RunDocument& document, const JobStatus* job) {
        bool shown = document.shown;
        const std::string name = std::filesystem::path(document.id).filename().string();
        if (ImGui::Checkbox(name.c_str(), &shown)) {
            ui.session.training().show(document.id, shown);
        }
        ImGui::SetItemTooltip("%s", document.id.c_str());
        if (ImGui::BeginPopupContextItem("##run")) {
            draw_menu(ui, document, job != nullptr);
            ImGui::EndPopup();
        }
        ImGui::Indent();
        footnote(ui, state_of(document, job));
        if (job != nullptr) {
            draw_running(ui, *job);
        } else {
            draw_ended(ui, document);
        }
        ImGui::Unindent();
    }

    static std::string state_of(const RunDocument& document, const JobStatus* job) {
        if (!document.run || document.run->steps.empty()) {
            return job != nullptr ? "starting" : "no step yet";
        }
        const TrainingRun& run = *document.run;
        std::string text =
            "step " + thousands_text(static_cast<std::uint64_t>(run.steps.back().step));
        if (run.planned_steps > 0) {
            text += " of " + thousands_text(static_cast<std::uint64_t>(run.planned_steps));
        }
        text += ", loss " + fixed_text(run.steps.back().loss, 3);
        if (job != nullptr) return text + (job->cancelled ? ", saving" : "");
        if (run.planned_steps == 0) return text;
        return text + (run.finished() ? ", finished" : ", stopped");
    }

    static void draw_running(Ui& ui, const JobStatus& job) {
        const float done = job.total > 0
                               ? static_cast<float>(job.done) / static_cast<float>(job.total)
                               : -static_cast<float>(ImGui::GetTime());
        const std::string left = job.remaining >= 0 ? duration_text(job.remaining) + " left" : "";
        ImGui::ProgressBar(done, {ui.px(200), ImGui::GetFrameHeight()}, left.c_str());
        ImGui::SameLine();
        ImGui::BeginDisabled(job.cancelled);
        if (ImGui::Button("Stop")) ui.session.jobs().cancel(job.id);
        ImGui::EndDisabled();
        ImGui::SetItemTooltip("Saves after the step that is being made; Resume goes on from there");
    }

    static void draw_ended(Ui& ui, const RunDocument& document) {
        if (document.run && !document.run->finished() && !document.run->command.empty()) {
            if (ImGui::Button("Resume")) ui.session.training().resume(document.id);
            ImGui::SameLine();
        }
        if (ImGui::Button("Open checkpoint")) ui.session.open(document.id);
        ImGui::SameLine();
        if (ImGui::Button("Remove")) ui.session.training().forget(document.id);
        ImGui::SetItemTooltip("From this list; the folder stays");
    }

    static void draw_menu(Ui& ui, const RunDocument& document, bool running) {
        const bool knows = document.run && !document.run->command.empty();
        if (ImGui::MenuItem("Copy as command", nullptr, false, knows)) {
            std::string line = "alluvium";
            for (const std::string& word : document.run->command) line += " " + shell_quoted(word);
            ImGui::SetClipboardText(line.c_str());
        }
        if (ImGui::MenuItem("Copy the folder's path")) {
            ImGui::SetClipboardText(document.id.c_str());
        }
        if (ImGui::MenuItem("Stop", nullptr, false, running)) {
            ui.session.training().stop(document.id);
        }
    }

    void draw_curves(Ui& ui) {
        const ImVec2 room = ImGui::GetContentRegionAvail();
        const auto points = [&](float pixels, double least) {
            const double size = pixels / (kPixelsPerPoint * ui.gui.scale());
            return std::max(least, std::floor(size / kSizeStep) * kSizeStep);
        };
        const float tools = ImGui::GetFrameHeightWithSpacing();
        const auto figure = ui.session.training().figure(
            {points(room.x, kLeast.width), points(room.y - tools, kLeast.height), ui.gui.dark()});
        if (!figure) {
            return void(empty_state(
                ui, "The loss and the routers of a training run are drawn here while it goes on.",
                nullptr));
        }
        if (ImGui::Button("Save...")) ask_and_save(ui);
        ImGui::SetItemTooltip("As SVG, PDF or PNG; its numbers as CSV");
        const CanvasEvent event = figure_canvas(ui, {"training", "training", {}}, *figure,
                                                ImGui::GetContentRegionAvail());
        if (event.hovered != nullptr) data_tooltip(ui, *event.hovered);
    }

    static void ask_and_save(Ui& ui) {
        ui.state.picker.ask({.kind = PickKind::save,
                             .title = "Save the curves",
                             .suggested = "training.svg",
                             .chosen = [&s = ui.session](const std::string& path) {
                                 save_training_figure(s, path);
                             }});
    }

    TrainingPlan plan_;
};

}  // namespace

std::unique_ptr<View> make_train_view() {
    return std::make_unique<TrainView>();
}

}  // namespace alluvium
