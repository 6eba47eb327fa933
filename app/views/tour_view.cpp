#include <array>

#include <imgui.h>

#include "app/views/any_text.h"
#include "app/views/overlays.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

// Where the second trace of the tour comes from: opened beside the specimen where it is at hand.
constexpr const char* kSibling = "specimen-top-k";

struct Stop {
    const char* title;
    const char* says;
    const char* view;  // brought to the front
};
constexpr std::array<Stop, kTourStops> kStops = {
    Stop{"Prompts go in",
         "The specimen, a small model trained by this program, has read the same sentences in 12 "
         "languages. Here you choose other prompts, or type your own, and run them: Ctrl+Enter.",
         kPrompts},
    Stop{"Which experts does a language use?",
         "A row is a layer, a column an expert; orange: chosen more often than by chance, blue: "
         "less. Point at a cell to read its numbers, click it to see who else uses that expert.",
         kHeatmap},
    Stop{
        "The way through the layers",
        "Ribbons are languages on their way through the experts. Where they run together languages "
        "share a road; where they fray they part.",
        kCircuit},
    Stop{"Does it matter?",
         "An expert that a language visits is not yet one that it needs. Select the cell of a "
         "language in the last layer, then take that expert away here: what every language loses "
         "stands beside what it loses without ten other experts.",
         kIntervene},
    Stop{"Compared with what?",
         "Beside the specimen stands its sibling, which learned the same texts without being told "
         "the language. Any second trace is opened with Ctrl+B; zoom and selection move together.",
         kCompare},
    Stop{"Is it real?",
         "The curve shows how far languages are apart in every layer, beside what chance and "
         "routers that learned nothing would show. The verdict above says in one sentence what "
         "holds, and the filter beside it on which tokens. Every picture is saved with a right "
         "click. Ctrl+P finds any action, F1 shows all keys.",
         kDivergence},
};

void show_sibling(Ui& ui) {
    for (const TraceDocument& document : ui.session.documents().traces()) {
        if (document.name == kSibling && ui.session.view().b.empty()) {
            ui.session.show_b(document.id);
        }
    }
}

void go_to(Ui& ui, int stop) {
    ui.state.tour = stop;
    if (stop < 0 || stop >= kTourStops) {
        ui.state.tour = -1;
        ui.session.settings().toured = true;
        return ui.session.keep_settings();
    }
    const Stop& now = kStops[static_cast<std::size_t>(stop)];
    if (now.view == kCompare) show_sibling(ui);
    ui.state.bring_to_front = {now.view};
}

}  // namespace

void start_tour(Ui& ui) {
    go_to(ui, 0);
}

void draw_tour(Ui& ui) {
    if (ui.state.tour < 0) return;
    const ImGuiViewport& screen = *ImGui::GetMainViewport();
    ImGui::SetNextWindowPos({screen.WorkPos.x + screen.WorkSize.x / 2,
                             screen.WorkPos.y + screen.WorkSize.y - ui.px(16)},
                            ImGuiCond_Always, {0.5F, 1});
    ImGui::SetNextWindowSize({ui.px(560), 0});
    constexpr auto kFlags = ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoCollapse |
                            ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize |
                            ImGuiWindowFlags_NoFocusOnAppearing;
    const Stop& stop = kStops[static_cast<std::size_t>(ui.state.tour)];
    int next = ui.state.tour;
    bool open = true;
    if (ImGui::Begin("Tour###tour", &open, kFlags)) {
        headline(ui, stop.title);
        ImGui::TextWrapped("%s", stop.says);
        ImGui::BeginDisabled(ui.state.tour == 0);
        if (ImGui::Button("Back")) --next;
        ImGui::EndDisabled();
        ImGui::SameLine();
        const bool last = ui.state.tour + 1 == kTourStops;
        if (ImGui::Button(last ? "Finish###next" : "Next###next")) ++next;
        ImGui::SameLine();
        ImGui::TextDisabled("%d of %d", ui.state.tour + 1, kTourStops);
    }
    ImGui::End();
    if (!open) next = -1;
    if (next != ui.state.tour) go_to(ui, next);
}

}  // namespace alluvium
