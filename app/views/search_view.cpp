#include <algorithm>
#include <cmath>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "analysis/number_text.h"
#include "app/views/any_text.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

constexpr auto kTableFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH |
                             ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollY;

// Which tokens took a route: counts by language, and the tokens in their texts.
class SearchView : public View {
  public:
    SearchView() : View(kSearch) {}

    void draw(Ui& ui) override {
        const TraceDocument* document = ui.session.documents().trace(ui.session.view().a);
        if (document == nullptr) return footnote(ui, "Open a trace to search its routes.");
        if (document->trace->header().kind != TraceKind::tokens) {
            return footnote(ui, "This trace holds counts only, no tokens.");
        }
        draw_query(ui);
        const std::string& query = ui.session.view().search;
        if (query.empty()) return explain(ui);
        const auto answer = ui.session.results().search(*document, query, ui.session.view().by);
        if (answer.result) return draw_result(ui, *document, *answer.result);
        if (answer.under_way) return footnote(ui, "Searching...");
        footnote(ui, "The search did not finish; the messages say why.");
        if (ImGui::Button("Search again")) ui.session.results().retry(answer.key);
    }

  private:
    void draw_query(Ui& ui) {
        const ViewState& view = ui.session.view();
        if (shown_ != view.search) shown_ = typed_ = view.search;
        ImGui::SetNextItemWidth(-ui.px(170));
        if (ImGui::InputTextWithHint("##query", "L5:E3 then L6:E7 and language=fr and margin>0.5",
                                     &typed_, ImGuiInputTextFlags_EnterReturnsTrue)) {
            ui.session.search(typed_);
        }
        ImGui::SameLine();
        const Selection& selection = view.selection;
        ImGui::BeginDisabled(selection.layer < 0 || selection.expert < 0);
        if (ImGui::Button("Of the selection", {-1, 0}))
            ui.session.search(route_of(selection, view.by));
        ImGui::EndDisabled();
        ImGui::SetItemTooltip("Tokens that chose the selected expert");
    }

    static void explain(Ui& ui) {
        footnote(ui,
                 "Which tokens chose these experts? L5:E3 means expert 3 in layer 5, L5:E3|E4 one "
                 "of two; \"then\" joins layers of one token. Further conditions say among which "
                 "tokens: language=fr, family=Indic, class=word, position<8, margin>0.5, joined by "
                 "and, or, not. docs/slices.md has all of them.");
    }

    void draw_result(Ui& ui, const TraceDocument& document, const RouteSearch& search) {
        ImGui::TextWrapped(
            "%s of %s tokens (%s %%); among all tokens %s %%", thousands_text(search.hits).c_str(),
            thousands_text(search.tokens).c_str(), percent(search.hits, search.tokens).c_str(),
            percent(search.base_hits, search.base_tokens).c_str());
        if (!search.no_interval.empty()) footnote(ui, "No intervals: " + search.no_interval);
        const float height = ImGui::GetContentRegionAvail().y;
        draw_groups(search, std::min(height * 0.4F, row_height() * (search.groups.size() + 1.5F)));
        draw_lines(ui, document, search);
    }

    static float row_height() { return ImGui::GetTextLineHeightWithSpacing(); }

    static std::string percent(std::uint64_t part, std::uint64_t whole) {
        return whole == 0
                   ? "-"
                   : fixed_text(100 * static_cast<double>(part) / static_cast<double>(whole));
    }

    static void draw_groups(const RouteSearch& search, float height) {
        if (!ImGui::BeginTable("##groups", 5, kTableFlags, {0, height})) return;
        for (const char* name : {"", "Hits", "Tokens", "Percent", "Lift [95 %]; chance 1"}) {
            ImGui::TableSetupColumn(name);
        }
        ImGui::TableSetupScrollFreeze(0, 1);
        ImGui::TableHeadersRow();
        for (const SearchGroup& group : search.groups) {
            const GroupLift& count = group.count;
            ImGui::TableNextRow();
            for (const std::string& text :
                 {group_name(group.label), thousands_text(count.hits), thousands_text(count.tokens),
                  percent(count.hits, count.tokens), lift_text(count.lift)}) {
                ImGui::TableNextColumn();
                ImGui::TextUnformatted(text.c_str());
            }
        }
        ImGui::EndTable();
    }

    static std::string lift_text(const Estimate& lift) {
        if (!std::isfinite(lift.value)) return "missing";
        std::string text = fixed_text(lift.value);
        if (!std::isfinite(lift.low) || !std::isfinite(lift.high)) return text;
        return text + " [" + fixed_text(lift.low) + ", " + fixed_text(lift.high) + "]";
    }

    // The tokens where they stand; a click shows the whole text.
    static void draw_lines(Ui& ui, const TraceDocument& document, const RouteSearch& search) {
        if (search.lines.empty()) return;
        ImGui::SeparatorText("In their texts");
        if (!ImGui::BeginChild("##lines")) return ImGui::EndChild();
        ImGuiListClipper clipper;
        clipper.Begin(static_cast<int>(search.lines.size()));
        while (clipper.Step()) {
            for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
                ImGui::PushID(i);
                draw_line(ui, document, search.lines[static_cast<std::size_t>(i)]);
                ImGui::PopID();
            }
        }
        ImGui::EndChild();
    }

    static void draw_line(Ui& ui, const TraceDocument& document, const SearchLine& line) {
        const float start = ImGui::GetCursorPosX();
        if (ImGui::Selectable("##line")) show(ui, document, line);
        ImGui::SetItemTooltip("%s, token %u", line.prompt.c_str(), line.position);
        ImGui::SameLine(start);
        ImGui::TextDisabled("%s", line.label.c_str());
        ImGui::SameLine(start + ui.px(60));
        const std::string token =
            line.text.token.empty() ? "#" + std::to_string(line.token_id) : line.text.token;
        any_text(ui, line.text.left + "\u27e6" + token + "\u27e7" + line.text.right, line.label);
    }

    static void show(Ui& ui, const TraceDocument& document, const SearchLine& line) {
        const std::vector<TokenPos>& first = document.trace->header().prompts.first_token;
        const auto after = std::upper_bound(first.begin(), first.end(), line.row);
        const auto prompt = static_cast<std::size_t>(after - first.begin()) - 1;
        ui.session.change_view("show a hit", [&](ViewState& view) { view.prompt = prompt; });
        ui.state.bring_to_front = {kTokens};
    }

    std::string typed_, shown_;
};

}  // namespace

std::unique_ptr<View> make_search_view() {
    return std::make_unique<SearchView>();
}

}  // namespace alluvium
