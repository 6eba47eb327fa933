#include <imgui.h>

#include "analysis/figures/numbers.h"
#include "app/session/selection_facts.h"
#include "app/views/any_text.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

constexpr std::size_t kShown = 40;

class DifferencesView : public View {
  public:
    DifferencesView() : View(kDifferences) {}

    void draw(Ui& ui) override {
        const Answer<Analysis> answer = ui.session.analysis(ui.session.view().a);
        if (!answer.result) return footnote(ui, "Nothing is analysed yet.");
        refresh(answer.result, ui.session.view().groups);
        footnote(ui, "Experts that two groups use most differently; difference of shares.");
        if (differences_.empty()) return footnote(ui, "There is only one group.");
        if (!ImGui::BeginTable("##differences", 3, ImGuiTableFlags_SizingStretchProp)) return;
        for (const Difference& difference : differences_) draw_row(ui, difference);
        ImGui::EndTable();
    }

  private:
    // The list is computed once per analysis and choice of groups.
    void refresh(const AnalysisPtr& analysis, const std::vector<std::string>& groups) {
        if (analysis == analysis_ && groups == groups_) return;
        analysis_ = analysis;
        groups_ = groups;
        differences_ = largest_differences(*analysis, groups, kShown);
    }

    static void draw_row(Ui& ui, const Difference& difference) {
        const Selection selection{
            .layer = difference.layer, .expert = difference.expert, .group = difference.high_group};
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        const std::string label = "layer " + std::to_string(difference.layer) + ", expert " +
                                  std::to_string(difference.expert);
        if (ImGui::Selectable(label.c_str(), ui.session.view().selection == selection,
                              ImGuiSelectableFlags_SpanAllColumns)) {
            ui.session.select(selection);
        }
        ImGui::TableNextColumn();
        ImGui::Text("%s over %s", difference.high_group.c_str(), difference.low_group.c_str());
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(number_text(difference.difference).c_str());
    }

    AnalysisPtr analysis_;
    std::vector<std::string> groups_;
    std::vector<Difference> differences_;
};

}  // namespace

std::unique_ptr<View> make_differences_view() {
    return std::make_unique<DifferencesView>();
}

}  // namespace alluvium
