#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "analysis/number_text.h"
#include "app/views/any_text.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

std::string sample_line(const Analysis& analysis) {
    std::string line =
        std::to_string(analysis.groups.size()) +
        (analysis.options.by == "language" ? " languages" : " groups by " + analysis.options.by);
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

// The numbers behind the headline: windows against the middle, with intervals.
std::string numbers_line(const Verdict& verdict) {
    std::string line;
    const auto add = [&](const char* name, const Estimate& estimate) {
        if (!estimate.has_value()) return;
        line += (line.empty() ? "" : ", ") + std::string(name) + " " + interval_text(estimate);
    };
    add("late", verdict.d_late);
    add("early", verdict.d_early);
    add("last two", verdict.late_two);
    if (line.empty()) return line;
    line += " against the middle";
    if (verdict.onset) line += "; apart from layer " + std::to_string(verdict.onset->layer);
    return line;
}

std::string notes(const Analysis& analysis) {
    const std::size_t count = analysis.warnings.size();
    if (count == 0) return "";
    return count == 1 ? "; 1 note" : "; " + std::to_string(count) + " notes";
}

// The whole sentence and what qualifies it.
void details(Ui& ui, const Analysis& analysis) {
    if (!ImGui::BeginItemTooltip()) return;
    ImGui::PushTextWrapPos(ui.px(640));
    ImGui::TextUnformatted(analysis.verdict.sentence.c_str());
    for (const std::string& warning : analysis.warnings) {
        ImGui::TextDisabled("%s", warning.c_str());
    }
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
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
        draw_filter(ui);
        if (view.b.empty()) return draw_side(ui, nullptr, view.a);
        // In a narrow column one above the other.
        const bool wide = ImGui::GetContentRegionAvail().x >= ui.px(480);
        if (!ImGui::BeginTable("##sides", wide ? 2 : 1)) return;
        ImGui::TableNextColumn();
        draw_side(ui, "A", view.a);
        ImGui::TableNextColumn();
        draw_side(ui, "B", view.b);
        ImGui::EndTable();
    }

  private:
    // Which tokens all views are about, and what they compare.
    void draw_filter(Ui& ui) {
        const ViewState& view = ui.session.view();
        ImGui::SetNextItemWidth(ui.px(120));
        if (ImGui::BeginCombo("##by", view.by.c_str())) {
            for (const char* by :
                 {"language", "family", "branch", "script", "resource", "level", "domain"}) {
                if (!ImGui::Selectable(by, view.by == by)) continue;
                ui.session.change_view("compare by another column",
                                       [by](ViewState& v) { v.by = by; });
            }
            ImGui::EndCombo();
        }
        ImGui::SetItemTooltip("What is compared: tokens are grouped by this");
        ImGui::SameLine();
        if (shown_ != view.where) shown_ = typed_ = view.where;
        const bool filtered = !view.where.empty();
        ImGui::SetNextItemWidth(filtered ? -ui.px(70) : -1);
        if (ImGui::InputTextWithHint("##where", "all tokens; or: class=word and position>=8",
                                     &typed_, ImGuiInputTextFlags_EnterReturnsTrue)) {
            ui.session.filter(typed_);
        }
        ImGui::SetItemTooltip("Everything is computed on these tokens: docs/slices.md");
        if (!filtered) return;
        ImGui::SameLine();
        if (ImGui::Button("Clear", {-1, 0})) ui.session.filter({});
    }

    static void draw_side(Ui& ui, const char* side, const std::string& trace) {
        const Answer<Analysis> answer = ui.session.analysis(trace);
        const TraceDocument* document = ui.session.documents().trace(trace);
        if (document == nullptr) return;
        const std::string name = (side == nullptr ? "" : std::string(side) + "  ") + document->name;
        if (document->trace->layers().empty()) {
            headline(ui, name);
            footnote(ui, kNoRouters);
            return footnote(ui, "Where languages lie in its residual stream: alluvium render stream");
        }
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
        details(ui, analysis);
        ImGui::TextWrapped("%s", numbers_line(analysis.verdict).c_str());
        details(ui, analysis);
        footnote(ui, document->name + ": " + sample_line(analysis) + notes(analysis));
        details(ui, analysis);
        if (ImGui::BeginPopupContextWindow("##verdict")) {
            if (ImGui::MenuItem("Copy the verdict")) {
                ImGui::SetClipboardText(analysis.verdict.sentence.c_str());
            }
            ImGui::EndPopup();
        }
    }

    std::string typed_, shown_;  // the filter: as typed, and as it holds
};

}  // namespace

std::unique_ptr<View> make_verdict_view() {
    return std::make_unique<VerdictView>();
}

}  // namespace alluvium
