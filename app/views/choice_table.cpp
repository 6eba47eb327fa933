#include "app/views/choice_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <imgui.h>

#include "analysis/number_text.h"
#include "app/views/any_text.h"

namespace alluvium {
namespace {

constexpr std::size_t kNotChosenShown = 4;
constexpr auto kTableFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH |
                             ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollX;

struct Column {
    const char* name;
    const char* says;
};
constexpr std::array kColumns = {
    Column{"expert", "by falling selection score"},
    Column{"rank", "1: the best of those that were chosen; -: not chosen"},
    Column{"raw logit", "what the router's weights give"},
    Column{"score", "what the rule makes of the logit; weights are made of it"},
    Column{"bias", "moves the choice, never the weight"},
    Column{"selection score", "score and bias: the choice goes by it"},
    Column{"weight", "as applied to what the expert computes"},
};

std::array<std::string, kColumns.size()> cells(const ExpertScore& score, bool bias_known) {
    const auto known = [&](double value) { return bias_known ? fixed_text(value, 4) : "unknown"; };
    return {std::to_string(score.expert),
            score.rank > 0 ? std::to_string(score.rank) : "-",
            fixed_text(score.logit, 4),
            fixed_text(score.score, 4),
            known(score.bias),
            (score.reachable ? "" : "outside: ") + known(score.selection),
            std::isfinite(score.weight) ? fixed_text(score.weight, 4) : "-"};
}

}  // namespace

void choice_table(Ui& ui, const LayerChoice& choice) {
    footnote(ui, choice.rule);
    // As high as its rows, and the bar that scrolls it.
    const auto chosen = static_cast<std::size_t>(
        std::count_if(choice.experts.begin(), choice.experts.end(),
                      [](const ExpertScore& score) { return score.rank > 0; }));
    const std::size_t rows = std::min(choice.experts.size(), chosen + kNotChosenShown);
    const float height = ImGui::GetTextLineHeightWithSpacing() * static_cast<float>(rows + 2) +
                         ImGui::GetStyle().ScrollbarSize;
    if (!ImGui::BeginTable("##choice", static_cast<int>(kColumns.size()), kTableFlags,
                           {0, height})) {
        return;
    }
    for (const Column& column : kColumns) ImGui::TableSetupColumn(column.name);
    ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
    for (const Column& column : kColumns) {
        ImGui::TableNextColumn();
        ImGui::TableHeader(column.name);
        ImGui::SetItemTooltip("%s", column.says);
    }
    std::size_t others = 0;
    for (const ExpertScore& score : choice.experts) {
        if (score.rank == 0 && ++others > kNotChosenShown) continue;
        ImGui::TableNextRow();
        for (const std::string& text : cells(score, choice.bias_known)) {
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(text.c_str());
        }
    }
    ImGui::EndTable();
}

}  // namespace alluvium
