#include <imgui.h>

#include "analysis/number_text.h"
#include "app/views/any_text.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

std::string sample_line(const Analysis& analysis) {
    std::string line = std::to_string(analysis.groups.size()) + " groups by " + analysis.options.by;
    if (analysis.design.prompts > 0) {
        line += ", " + thousands_text(analysis.design.prompts) + " prompts, " +
                thousands_text(analysis.census.selected) + " tokens";
        line +=
            analysis.design.parallel ? ", translations of the same sentences" : ", not parallel";
    } else {
        line += ", counts only: no intervals";
    }
    return line;
}

// What qualifies the finding, joined into one line.
std::string caveats(const Analysis& analysis) {
    std::string text;
    for (const std::string& warning : analysis.warnings)
        text += (text.empty() ? "" : "; ") + warning;
    return text;
}

class VerdictView : public View {
  public:
    VerdictView() : View(kVerdict) {}

    void draw(Ui& ui) override {
        const ViewState& view = ui.session.view();
        if (view.a.empty()) {
            headline(ui, "Where do languages part ways?");
            return footnote(ui, "Open a trace, or a checkpoint and run prompts through it.");
        }
        if (view.b.empty()) return draw_side(ui, nullptr, view.a);
        if (!ImGui::BeginTable("##sides", 2)) return;
        ImGui::TableNextColumn();
        draw_side(ui, "A", view.a);
        ImGui::TableNextColumn();
        draw_side(ui, "B", view.b);
        ImGui::EndTable();
    }

  private:
    static void draw_side(Ui& ui, const char* side, const std::string& trace) {
        const Answer<Analysis> answer = ui.session.analysis(trace);
        const TraceDocument* document = ui.session.documents().trace(trace);
        if (document == nullptr) return;
        const std::string name = (side == nullptr ? "" : std::string(side) + "  ") + document->name;
        if (!answer.result) {
            headline(ui, name);
            if (answer.under_way) return footnote(ui, "Analysing...");
            footnote(ui, "The analysis did not finish.");
            if (ImGui::Button("Analyse again")) ui.session.results().retry(answer.key);
            return;
        }
        const Analysis& analysis = *answer.result;
        headline(ui, side == nullptr ? analysis.verdict.headline
                                     : std::string(side) + ": " + analysis.verdict.headline);
        ImGui::TextWrapped("%s", analysis.verdict.sentence.c_str());
        footnote(ui, document->name + ": " + sample_line(analysis));
        if (const std::string text = caveats(analysis); !text.empty()) footnote(ui, text);
        if (ImGui::BeginPopupContextWindow("##verdict")) {
            if (ImGui::MenuItem("Copy the verdict")) {
                ImGui::SetClipboardText(analysis.verdict.sentence.c_str());
            }
            ImGui::EndPopup();
        }
    }
};

}  // namespace

std::unique_ptr<View> make_verdict_view() {
    return std::make_unique<VerdictView>();
}

}  // namespace alluvium
