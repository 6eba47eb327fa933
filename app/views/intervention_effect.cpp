#include "app/views/intervention_effect.h"

#include <array>
#include <cmath>

#include <imgui.h>

#include "analysis/number_text.h"
#include "app/views/any_text.h"

namespace alluvium {
namespace {

constexpr auto kTableFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH |
                             ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollY |
                             ImGuiTableFlags_ScrollX;

std::array<std::string, 7> cells(const EffectOnLanguage& effect) {
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

void draw_table(const std::vector<EffectOnLanguage>& languages, float height) {
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

}  // namespace

void intervention_effect(Ui& ui, const InterventionDocument& document) {
    headline(ui, document.name);
    footnote(ui,
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

}  // namespace alluvium
