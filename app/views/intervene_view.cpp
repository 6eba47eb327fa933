#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "app/session/reproduce_command.h"
#include "app/views/any_text.h"
#include "app/views/change_routing.h"
#include "app/views/form_layout.h"
#include "app/views/intervention_effect.h"
#include "app/views/view.h"
#include "app/views/work_button.h"

namespace alluvium {
namespace {

struct Change {
    const char* word;
    const char* says;
};
constexpr std::array kChanges = {
    Change{"reroute", "the expert cannot be chosen: the next one takes over"},
    Change{"drop", "what the expert computes is left out"},
    Change{"mean", "what the expert computes becomes its mean over the run"},
    Change{"force", "the expert is always chosen"},
    Change{"boost", "the expert's logit is raised"},
};

// Changes the routing and shows what that does to every language, beside random controls.
class InterveneView : public View {
  public:
    InterveneView() : View(kIntervene) {}

    void draw(Ui& ui) override {
        form_and_result(
            ui,
            [&] {
                draw_plan(ui);
                draw_documents(ui);
            },
            [&] { draw_effects(ui); });
    }

  private:
    void draw_plan(Ui& ui) {
        ImGui::SeparatorText("Change the routing");
        InterventionPlan& plan = ui.state.intervention;
        plan.checkpoint = ui.session.run_checkpoint();
        plan.prompts = ui.session.prompt_choice().set;
        const CheckpointDocument* document = ui.session.documents().checkpoint(plan.checkpoint);
        if (document == nullptr) {
            footnote(ui, "Open a checkpoint folder to change its routing.");
        } else {
            ImGui::Text(
                "Of %s, on %s", document->name.c_str(),
                plan.prompts.empty() ? "..." : std::filesystem::path(plan.prompts).stem().c_str());
            ImGui::SetItemTooltip("The checkpoint of Project, the prompt set of Prompts");
        }
        draw_tray(ui, plan);
        draw_change(ui, plan);
        draw_needed_by(ui, plan);
        ImGui::SetNextItemWidth(ui.px(120));
        ImGui::InputInt("random controls", &plan.controls, 1, 10);
        ImGui::SetItemTooltip(
            "The same changes to other experts of the same layers with a similar load: what any "
            "experts would do");
        plan.controls = std::max(plan.controls, 1);
        draw_start(ui, plan);
    }

    // What acts together, whether it was added here or from a picture.
    static void draw_tray(Ui& ui, InterventionPlan& plan) {
        if (plan.tray.empty()) {
            return footnote(ui, "Right-click an expert in a picture, or name experts here.");
        }
        std::optional<std::size_t> dropped;
        for (std::size_t i = 0; i < plan.tray.size(); ++i) {
            ImGui::PushID(static_cast<int>(i));
            if (ImGui::SmallButton("x")) dropped = i;
            ImGui::SetItemTooltip("Take it out of the tray");
            ImGui::PopID();
            ImGui::SameLine();
            ImGui::TextWrapped("%s", change_words(plan.tray[i]).c_str());
        }
        if (dropped) plan.tray.erase(plan.tray.begin() + static_cast<std::ptrdiff_t>(*dropped));
        if (plan.tray.size() > 1) footnote(ui, "They act together.");
    }

    // The next one: acts, too, once it names an expert.
    static void draw_change(Ui& ui, InterventionPlan& plan) {
        ImGui::SetNextItemWidth(ui.px(120));
        if (ImGui::BeginCombo("change", plan.change.c_str())) {
            for (const Change& change : kChanges) {
                if (ImGui::Selectable(change.word, plan.change == change.word)) {
                    plan.change = change.word;
                }
                ImGui::SetItemTooltip("%s", change.says);
            }
            ImGui::EndCombo();
        }
        if (plan.change == "boost") {
            ImGui::SetNextItemWidth(ui.px(120));
            ImGui::InputDouble("strength", &plan.lambda, 0, 0, "%.2g");
            ImGui::SetItemTooltip("In standard deviations of a token's logits; below 0 lowers it");
        }
        ImGui::SetNextItemWidth(ui.px(120));
        ImGui::InputTextWithHint("experts", "7:4,7:5", &plan.targets);
        ImGui::SetItemTooltip("LAYER:EXPERT, several with commas; both from 0");
        const bool named = !plan.targets.empty();
        const Selection& selection = ui.session.view().selection;
        ImGui::BeginDisabled(!named && (selection.layer < 0 || selection.expert < 0));
        if (ImGui::Button(named ? "Add###add" : "Add the selected expert###add")) {
            if (named) {
                add_to_tray(ui, {.targets = std::exchange(plan.targets, {}),
                                 .change = plan.change,
                                 .lambda = plan.lambda,
                                 .languages = {},
                                 .positions = {}});
            } else {
                change_selected(ui, plan.change);
            }
        }
        ImGui::EndDisabled();
    }

    static void draw_needed_by(Ui& ui, InterventionPlan& plan) {
        ImGui::SetNextItemWidth(ui.px(120));
        ImGui::InputTextWithHint("needed by", "fr", &plan.needed_by);
        ImGui::SetItemTooltip(
            "A language: does it need the experts more than the others do? May be empty");
    }

    static void draw_start(Ui& ui, const InterventionPlan& plan) {
        if (!draw_work(ui, Interventions::kTag, "Stop")) {
            const std::string problem = why_not_intervene(plan);
            if (start_button("Measure the effect", problem)) {
                ui.session.interventions().start(plan);
            }
            if (problem.empty()) command_menu(intervene_arguments(plan, "effect.json"));
        }
        if (draw_work(ui, Session::kChangedRunTag, "Cancel")) return;
        const std::string problem = why_not_capture_changed(plan);
        if (start_button("Compare the routing", problem)) ui.session.capture_changed(plan);
        if (problem.empty()) command_menu(changed_capture_arguments(plan, "changed.h5"));
    }

    static void command_menu(const std::vector<std::string>& arguments) {
        if (!ImGui::BeginPopupContextItem()) return;
        if (ImGui::MenuItem("Copy as command")) {
            std::string line = "alluvium";
            for (const std::string& word : arguments) line += " " + shell_quoted(word);
            ImGui::SetClipboardText(line.c_str());
        }
        ImGui::EndPopup();
    }

    void draw_documents(Ui& ui) {
        ImGui::SeparatorText("Measured");
        const std::vector<InterventionDocument> documents = ui.session.interventions().documents();
        for (const InterventionDocument& document : documents) {
            ImGui::PushID(document.id.c_str());
            if (ImGui::SmallButton("x")) ui.session.interventions().forget(document.id);
            ImGui::SameLine();
            if (ImGui::Selectable(document.name.c_str(), document.id == shown(ui))) {
                shown_ = document.id;
            }
            ImGui::SetItemTooltip("%s", document.id.c_str());
            ImGui::PopID();
        }
    }

    // The chosen one, else the last.
    std::string shown(const Ui& ui) const {
        const auto& documents = ui.session.interventions().documents();
        for (const InterventionDocument& document : documents) {
            if (document.id == shown_) return shown_;
        }
        return documents.empty() ? std::string() : documents.back().id;
    }

    void draw_effects(Ui& ui) {
        const std::string id = shown(ui);
        for (const InterventionDocument& document : ui.session.interventions().documents()) {
            if (document.id == id) return intervention_effect(ui, document);
        }
        empty_state(ui,
                    "What a language loses without an expert stands here, beside what it loses "
                    "without others.",
                    nullptr);
    }

    std::string shown_;
};

}  // namespace

std::unique_ptr<View> make_intervene_view() {
    return std::make_unique<InterveneView>();
}

}  // namespace alluvium
