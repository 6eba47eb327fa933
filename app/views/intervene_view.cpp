#include <algorithm>
#include <array>
#include <cmath>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "analysis/number_text.h"
#include "app/session/reproduce_command.h"
#include "app/views/any_text.h"
#include "app/views/form_layout.h"
#include "app/views/view.h"
#include "app/views/work_button.h"

namespace alluvium {
namespace {

constexpr auto kTableFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH |
                             ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollY |
                             ImGuiTableFlags_ScrollX;

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
        plan_.checkpoint = ui.session.run_checkpoint();
        plan_.prompts = ui.session.prompt_choice().set;
        const CheckpointDocument* document = ui.session.documents().checkpoint(plan_.checkpoint);
        if (document == nullptr) {
            footnote(ui, "Open a checkpoint folder to change its routing.");
        } else {
            ImGui::Text("Of %s, on %s", document->name.c_str(),
                        plan_.prompts.empty()
                            ? "..."
                            : std::filesystem::path(plan_.prompts).stem().c_str());
            ImGui::SetItemTooltip("The checkpoint of Project, the prompt set of Prompts");
        }
        draw_targets(ui);
        draw_change(ui);
        draw_needed_by(ui);
        ImGui::SetNextItemWidth(ui.px(120));
        ImGui::InputInt("random controls", &plan_.controls, 1, 10);
        ImGui::SetItemTooltip(
            "The same change to other experts of the same layers with a similar load: what any "
            "expert would do");
        plan_.controls = std::max(plan_.controls, 1);
        draw_start(ui);
    }

    void draw_targets(Ui& ui) {
        ImGui::SetNextItemWidth(ui.px(180));
        ImGui::InputTextWithHint("experts", "7:4,7:5", &plan_.targets);
        ImGui::SetItemTooltip("LAYER:EXPERT, several with commas; both from 0");
        const Selection& selection = ui.session.view().selection;
        const bool chosen = selection.layer >= 0 && selection.expert >= 0;
        ImGui::BeginDisabled(!chosen);
        if (ImGui::Button("Add the selected expert")) {
            const std::string target =
                std::to_string(selection.layer) + ":" + std::to_string(selection.expert);
            plan_.targets += (plan_.targets.empty() ? "" : ",") + target;
            if (plan_.needed_by.empty()) plan_.needed_by = selection.group;
        }
        ImGui::EndDisabled();
        ImGui::SameLine();
        if (ImGui::Button("Clear")) plan_.targets.clear();
    }

    void draw_change(Ui& ui) {
        ImGui::SetNextItemWidth(ui.px(120));
        if (ImGui::BeginCombo("change", plan_.change.c_str())) {
            for (const Change& change : kChanges) {
                if (ImGui::Selectable(change.word, plan_.change == change.word)) {
                    plan_.change = change.word;
                }
                ImGui::SetItemTooltip("%s", change.says);
            }
            ImGui::EndCombo();
        }
        if (plan_.change != "boost") return;
        ImGui::SetNextItemWidth(ui.px(120));
        ImGui::InputDouble("strength", &plan_.lambda, 0, 0, "%.2g");
        ImGui::SetItemTooltip("In standard deviations of a token's logits; below 0 lowers it");
    }

    void draw_needed_by(Ui& ui) {
        ImGui::SetNextItemWidth(ui.px(120));
        ImGui::InputTextWithHint("needed by", "fr", &plan_.needed_by);
        ImGui::SetItemTooltip(
            "A language: does it need the experts more than the others do? May be empty");
    }

    void draw_start(Ui& ui) {
        if (draw_work(ui, Interventions::kTag, "Stop")) return;
        const std::string problem = why_not_intervene(plan_);
        if (start_button("Measure the effect", problem)) ui.session.interventions().start(plan_);
        if (problem.empty() && ImGui::BeginPopupContextItem("##command")) {
            if (ImGui::MenuItem("Copy as command")) {
                std::string line = "alluvium";
                for (const std::string& word : intervene_arguments(plan_, "effect.json")) {
                    line += " " + shell_quoted(word);
                }
                ImGui::SetClipboardText(line.c_str());
            }
            ImGui::EndPopup();
        }
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
            if (document.id == id) return draw_effect(ui, document);
        }
        empty_state(ui,
                    "What a language loses without an expert stands here, beside what it loses "
                    "without others.",
                    nullptr);
    }

    static void draw_effect(Ui& ui, const InterventionDocument& document) {
        headline(ui, document.name);
        footnote(
            ui,
            "Loss: change of the negative log probability of the next token, in nats; above 0 "
            "the model predicts worse. In brackets 95 %, bootstrap over prompts. Controls: the "
            "same change to other experts.");
        for (const std::string& note : document.file->notes) footnote(ui, note);
        const bool says = !document.file->sentences.empty();
        draw_table(document.file->languages, says ? ImGui::GetContentRegionAvail().y * 0.6F : 0);
        if (!says) return;
        ImGui::SeparatorText("Who needs it");
        if (ImGui::BeginChild("##sentences")) {
            for (const std::string& sentence : document.file->sentences) {
                ImGui::TextWrapped("%s", sentence.c_str());
            }
        }
        ImGui::EndChild();
    }

    static void draw_table(const std::vector<EffectOnLanguage>& languages, float height) {
        if (!ImGui::BeginTable("##effects", 7, kTableFlags, {0, height})) return;
        for (const char* name :
             {"Language", "Tokens that choose it", "Change of loss", "Controls: mean, range",
              "Rank among controls", "Other first guess", "KL divergence"}) {
            ImGui::TableSetupColumn(name);
        }
        ImGui::TableSetupScrollFreeze(1, 1);
        ImGui::TableHeadersRow();
        for (const EffectOnLanguage& effect : languages) {
            ImGui::TableNextRow();
            for (const std::string& text : cells(effect)) {
                ImGui::TableNextColumn();
                ImGui::TextUnformatted(text.c_str());
            }
        }
        ImGui::EndTable();
    }

    static std::array<std::string, 7> cells(const EffectOnLanguage& effect) {
        const auto share = [](double value) {
            return std::isfinite(value) ? fixed_text(100 * value, 1) + " %" : std::string("-");
        };
        const MeasuredEffect& loss = effect.nll_change;
        return {group_name(effect.language),
                share(effect.visited),
                signed_text(loss.value, 4) + " [" + signed_text(loss.low, 4) + ", " +
                    signed_text(loss.high, 4) + "]",
                signed_text(effect.control_mean, 4) + ", " + signed_text(effect.control_low, 4) +
                    " to " + signed_text(effect.control_high, 4),
                std::to_string(effect.at_least + 1) + " of " + std::to_string(effect.controls + 1) +
                    ", p " + fixed_text(effect.p),
                share(effect.top1_change),
                fixed_text(effect.kl, 4)};
    }

    InterventionPlan plan_;
    std::string shown_;
};

}  // namespace

std::unique_ptr<View> make_intervene_view() {
    return std::make_unique<InterveneView>();
}

}  // namespace alluvium
