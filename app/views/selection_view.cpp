#include <imgui.h>
#include <implot.h>

#include "analysis/figures/numbers.h"
#include "analysis/number_text.h"
#include "app/session/selection_facts.h"
#include "app/views/any_text.h"
#include "app/views/notes_panel.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

void facts_table(const SelectionFacts& facts) {
    if (!ImGui::BeginTable("##facts", 2, ImGuiTableFlags_SizingStretchProp)) return;
    for (const Fact& fact : facts.facts) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextDisabled("%s", fact.name.c_str());
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s", fact.text.c_str());
    }
    ImGui::EndTable();
}

// A bar behind a number, as long as its share of the largest one.
void share_bar(Ui& ui, double share, double largest) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float room = ImGui::GetContentRegionAvail().x;
    const float height = ImGui::GetTextLineHeight();
    if (share > 0 && largest > 0) {
        Color color = ui.theme.accent;
        color.a = 70;
        const float width = room * static_cast<float>(share / largest);
        ImGui::GetWindowDrawList()->AddRectFilled(at, {at.x + width, at.y + height}, to_im(color));
    }
    const std::string text = number_text(share);
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room - ImGui::CalcTextSize(text.c_str()).x);
    ImGui::TextUnformatted(text.c_str());
}

void groups_table(Ui& ui, const SelectionFacts& facts, const Selection& selection) {
    if (facts.groups.empty()) return;
    ImGui::SeparatorText("Who uses this expert");
    if (!ImGui::BeginTable("##uses", 3, ImGuiTableFlags_SizingStretchProp)) return;
    ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch, 3);
    ImGui::TableSetupColumn("share", ImGuiTableColumnFlags_WidthStretch, 2);
    ImGui::TableSetupColumn("tokens", ImGuiTableColumnFlags_WidthStretch, 2);
    ImGui::TableHeadersRow();
    for (const GroupUse& use : facts.groups) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        const bool chosen = use.group == selection.group;
        if (ImGui::Selectable(group_name(use.group).c_str(), chosen,
                              ImGuiSelectableFlags_SpanAllColumns)) {
            Selection other = selection;
            other.group = use.group;
            ui.session.select(other);
        }
        ImGui::TableNextColumn();
        share_bar(ui, use.share, facts.groups.front().share);
        ImGui::TableNextColumn();
        ImGui::Text("%s", thousands_text(use.selections).c_str());
    }
    ImGui::EndTable();
}

void profile_plot(Ui& ui, const SelectionFacts& facts, int layer) {
    if (facts.profile_name.empty() || facts.layers.size() < 2) return;
    ImGui::SeparatorText("Over the layers");
    footnote(ui, facts.profile_name);
    constexpr auto kFlags = ImPlotFlags_NoLegend | ImPlotFlags_NoMenus | ImPlotFlags_NoBoxSelect |
                            ImPlotFlags_NoMouseText;
    if (!ImPlot::BeginPlot("##profile", {-1, ui.px(130)}, kFlags)) return;
    ImPlot::SetupAxes("layer", nullptr, ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
    const auto count = static_cast<int>(facts.layers.size());
    ImPlot::PlotLine("profile", facts.layers.data(), facts.profile.data(), count);
    if (layer >= 0) {
        const double at = layer;
        ImPlot::PlotInfLines("##layer", &at, 1);
    }
    ImPlot::EndPlot();
}

// Without the white space that leads most words.
std::string shown_token(const ExpertToken& token) {
    if (token.text.empty()) return "id " + std::to_string(token.id);
    const std::size_t begin = token.text.find_first_not_of(" \t\r\n");
    return begin == std::string::npos ? "white space" : token.text.substr(begin);
}

// As many beside each other as fit, each with how many times as often it comes.
void tokens_line(Ui& ui, const ExpertVocabulary& vocabulary) {
    const float right = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
    const float gap = ui.px(10);
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
        const ExpertToken& token = vocabulary.tokens[i];
        const std::string text = shown_token(token);
        const std::string lift = number_text(token.lift) + "x";
        const float width =
            any_text_width(ui, text) + ui.px(4) + ImGui::CalcTextSize(lift.c_str()).x;
        if (i > 0 && ImGui::GetItemRectMax().x + gap + width < right) ImGui::SameLine(0, gap);
        any_text(ui, text);
        ImGui::SameLine(0, ui.px(4));
        ImGui::TextDisabled("%s", lift.c_str());
        ImGui::SetItemTooltip(
            "%s of these tokens chose it: %s times as often as tokens do at large",
            thousands_text(token.count).c_str(), number_text(token.lift).c_str());
    }
}

void companions_line(Ui& ui, const std::vector<ExpertCompanion>& companions) {
    if (companions.empty()) return;
    ImGui::SeparatorText("Chosen together with");
    for (const ExpertCompanion& companion : companions) {
        const std::string label = "expert " + std::to_string(companion.expert) + ": " +
                                  fixed_text(100 * companion.share, 0) + " % of its tokens (" +
                                  number_text(companion.lift) + "x)";
        const bool pressed = ImGui::Selectable(label.c_str());
        ImGui::SetItemTooltip("In brackets: how many times as often as by any token");
        if (!pressed) continue;
        Selection other = ui.session.view().selection;
        other.expert = companion.expert;
        ui.session.select(other);
    }
}

// The tokens that the selected expert takes more often than it takes any, and its company.
void its_tokens(Ui& ui, const Selection& selection) {
    if (selection.expert < 0 || selection.to_expert >= 0) return;
    const Answer<LayerExperts> answer = ui.session.selected_experts();
    if (!answer.current && !answer.under_way) return;
    ImGui::SeparatorText("Its tokens");
    if (!answer.current) return footnote(ui, "Reading...");
    const auto expert = static_cast<std::size_t>(selection.expert);
    if (expert >= answer.result->vocabulary.size()) return;
    const ExpertVocabulary& vocabulary = answer.result->vocabulary[expert];
    if (vocabulary.tokens.empty()) {
        return footnote(ui, vocabulary.selections == 0
                                ? "No token chose it."
                                : "It takes no token more often than any other.");
    }
    footnote(ui, "Those it takes more often than any, and how many times as often.");
    tokens_line(ui, vocabulary);
    companions_line(ui, answer.result->companions[expert]);
}

class SelectionView : public View {
  public:
    SelectionView() : View(kSelection) {}

    void draw(Ui& ui) override {
        const ViewState& view = ui.session.view();
        const Selection selection = view.selection;
        const Answer<Analysis> answer = ui.session.analysis(view.a);
        if (!answer.result) return footnote(ui, "Nothing to select yet.");
        const SelectionFacts facts = selection_facts(*answer.result, selection);
        if (facts.title.empty()) {
            footnote(ui, "Click a cell, a node or a ribbon to read all about it here.");
            return pinned_experts(ui, view.a);
        }
        headline(ui, facts.title);
        facts_table(facts);
        if (ImGui::Button("Copy")) ImGui::SetClipboardText(facts_text(facts).c_str());
        ImGui::SetItemTooltip("All of it, with full precision");
        ImGui::SameLine();
        if (ImGui::Button("Clear")) ui.session.select({});
        note_editor(ui, view.a, selection);
        its_tokens(ui, selection);
        groups_table(ui, facts, selection);
        profile_plot(ui, facts, selection.layer);
        pinned_experts(ui, view.a);
    }
};

}  // namespace

std::unique_ptr<View> make_selection_view() {
    return std::make_unique<SelectionView>();
}

}  // namespace alluvium
