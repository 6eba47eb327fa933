#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "analysis/number_text.h"
#include "app/views/actions.h"
#include "app/views/any_text.h"
#include "app/views/view.h"
#include "base/files.h"

namespace alluvium {
namespace {

std::string one_line(const CheckpointSummary& summary) {
    std::string line = summary.family + ", " + std::to_string(summary.layers) + " layers";
    if (summary.routed_layers == 0) return line + ", dense";
    return line + ", " + std::to_string(summary.routed_layers) +
           " routed: " + std::to_string(summary.experts) + " experts, top " +
           std::to_string(summary.top_k);
}

std::string one_line(const TraceHeader& header) {
    if (header.kind == TraceKind::counts) {
        return std::to_string(header.groups.label.size()) + " groups, counts only";
    }
    return thousands_text(header.prompts.size()) + " prompts, " +
           thousands_text(header.token_count) + " tokens";
}

void tooltip(const CheckpointDocument& document) {
    if (!ImGui::BeginItemTooltip()) return;
    const CheckpointSummary& summary = document.summary;
    ImGui::TextUnformatted(document.id.c_str());
    if (!summary.router.empty()) ImGui::TextUnformatted(summary.router.c_str());
    ImGui::Text("%s parameters, %s on disk", thousands_text(summary.parameters).c_str(),
                human_bytes(summary.bytes_on_disk).c_str());
    if (summary.memory_needed) {
        ImGui::Text("%s of memory to run it", human_bytes(*summary.memory_needed).c_str());
    }
    ImGui::EndTooltip();
}

void tooltip(const TraceDocument& document) {
    if (!ImGui::BeginItemTooltip()) return;
    const TraceHeader& header = document.trace->header();
    ImGui::TextUnformatted(document.id.c_str());
    ImGui::Text("model: %s (%s)", header.model.name.c_str(), header.model.family.c_str());
    ImGui::Text("computed in %s on %s", header.model.dtype.c_str(), header.model.device.c_str());
    ImGui::Text("checkpoint id: %.16s", header.model.checkpoint_id.c_str());
    ImGui::EndTooltip();
}

class ProjectView : public View {
  public:
    ProjectView() : View(kProject) {}

    void draw(Ui& ui) override {
        draw_opening(ui);
        if (ui.session.documents().ids().empty()) {
            footnote(ui, "Drop a checkpoint folder, a trace (.h5) or a session here.");
        }
        std::string to_close;
        draw_checkpoints(ui, to_close);
        draw_traces(ui, to_close);
        if (!to_close.empty()) ui.session.close(to_close);
    }

  private:
    void draw_opening(Ui& ui) {
        ImGui::SetNextItemWidth(-1);
        if (ImGui::InputTextWithHint("##open path", "path of a folder, trace or session", &path_,
                                     ImGuiInputTextFlags_EnterReturnsTrue) &&
            !path_.empty()) {
            ui.session.open(path_);
            path_.clear();
        }
        if (ImGui::Button("Open trace...")) run_action(ui, "open_file");
        ImGui::SameLine();
        if (ImGui::Button("Open checkpoint...")) run_action(ui, "open_folder");
    }

    void draw_checkpoints(Ui& ui, std::string& to_close) {
        const auto& checkpoints = ui.session.documents().checkpoints();
        if (checkpoints.empty()) return;
        ImGui::SeparatorText("Checkpoints");
        for (const CheckpointDocument& document : checkpoints) {
            ImGui::PushID(document.id.c_str());
            if (close_button(ui)) to_close = document.id;
            const bool runs = ui.session.run_checkpoint() == document.id;
            if (ImGui::RadioButton(document.name.c_str(), runs)) {
                ui.session.choose_checkpoint(document.id);
            }
            tooltip(document);
            ImGui::Indent();
            footnote(ui, one_line(document.summary));
            for (const std::string& problem : document.summary.problems) {
                footnote(ui, "cannot run: " + problem);
            }
            ImGui::Unindent();
            ImGui::PopID();
        }
    }

    void draw_traces(Ui& ui, std::string& to_close) {
        const auto& traces = ui.session.documents().traces();
        if (traces.empty()) return;
        ImGui::SeparatorText("Traces");
        for (const TraceDocument& document : traces) {
            ImGui::PushID(document.id.c_str());
            if (close_button(ui)) to_close = document.id;
            side_button(ui, document, "A", ui.session.view().a == document.id);
            ImGui::SameLine(0, ui.px(4));
            side_button(ui, document, "B", ui.session.view().b == document.id);
            ImGui::SameLine();
            ImGui::AlignTextToFramePadding();
            ImGui::TextUnformatted(document.name.c_str());
            tooltip(document);
            ImGui::Indent();
            footnote(ui, one_line(document.trace->header()));
            draw_notes(ui, document.trace->header().warnings);
            ImGui::Unindent();
            ImGui::PopID();
        }
    }

    static void draw_notes(Ui& ui, const std::vector<std::string>& notes) {
        if (notes.empty()) return;
        footnote(ui, notes.size() == 1 ? "1 note" : std::to_string(notes.size()) + " notes");
        if (!ImGui::BeginItemTooltip()) return;
        ImGui::PushTextWrapPos(ui.px(480));
        for (const std::string& note : notes) ImGui::TextUnformatted(note.c_str());
        ImGui::PopTextWrapPos();
        ImGui::EndTooltip();
    }

    // At the right edge; the row goes on at the left.
    static bool close_button(Ui& ui) {
        const ImVec2 start = ImGui::GetCursorPos();
        ImGui::SetCursorPosX(start.x + ImGui::GetContentRegionAvail().x - ui.px(20));
        ImGui::PushStyleColor(ImGuiCol_Button, IM_COL32(0, 0, 0, 0));
        ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0);
        const bool pressed = ImGui::Button("x##close", {ui.px(20), 0});
        ImGui::PopStyleVar();
        ImGui::PopStyleColor();
        ImGui::SetItemTooltip("Close");
        ImGui::SetCursorPos(start);
        return pressed;
    }

    static void side_button(Ui& ui, const TraceDocument& document, const char* side, bool on) {
        if (on)
            ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_HeaderActive));
        const bool pressed = ImGui::Button(side);
        if (on) ImGui::PopStyleColor();
        const bool is_a = side[0] == 'A';
        ImGui::SetItemTooltip("%s", is_a ? "Show this trace" : "Compare with this trace");
        if (!pressed) return;
        if (is_a) return ui.session.show_a(document.id);
        ui.session.show_b(on ? std::string() : document.id);
    }

    std::string path_;
};

}  // namespace

std::unique_ptr<View> make_project_view() {
    return std::make_unique<ProjectView>();
}

}  // namespace alluvium
