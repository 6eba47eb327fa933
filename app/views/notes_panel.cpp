#include "app/views/notes_panel.h"

#include <map>

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include "app/views/any_text.h"

namespace alluvium {
namespace {

bool field(Ui& ui, const char* label, const char* hint, std::string& text) {
    ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - ui.px(64));
    return ImGui::InputTextWithHint(label, hint, &text);
}

std::string title(const Note& note) {
    const std::string place =
        "layer " + std::to_string(note.layer) + ", expert " + std::to_string(note.expert);
    return note.name.empty() ? place : note.name + "  (" + place + ")";
}

void list(Ui& ui, const std::vector<const Note*>& notes) {
    const Selection& selection = ui.session.view().selection;
    for (const Note* note : notes) {
        ImGui::PushID(note);
        const bool chosen = selection.layer == note->layer && selection.expert == note->expert;
        const ImVec2 at = ImGui::GetCursorPos();
        if (ImGui::Selectable("##pin", chosen)) {
            ui.session.select({.layer = note->layer, .expert = note->expert});
        }
        if (!note->text.empty()) ImGui::SetItemTooltip("%s", note->text.c_str());
        ImGui::SetCursorPos(at);
        any_text(ui, title(*note));
        ImGui::PopID();
    }
}

}  // namespace

void toggle_pin(Ui& ui, const std::string& trace, const Selection& selection) {
    if (ui.session.notes(trace).find(selection.layer, selection.expert) != nullptr) {
        ui.session.unpin(trace, selection.layer, selection.expert);
    } else {
        ui.session.note(trace, {.layer = selection.layer, .expert = selection.expert});
    }
}

void note_editor(Ui& ui, const std::string& trace, const Selection& selection) {
    if (selection.layer < 0 || selection.expert < 0) return;
    const Note* found = ui.session.notes(trace).find(selection.layer, selection.expert);
    bool pinned = found != nullptr;
    if (ImGui::Checkbox("Pinned", &pinned)) toggle_pin(ui, trace, selection);
    ImGui::SetItemTooltip(
        "Outlined in every picture, and kept with what you note about it in a file "
        "beside the trace");
    found = ui.session.notes(trace).find(selection.layer, selection.expert);
    if (found == nullptr) return;
    Note note = *found;
    bool changed = field(ui, "Name", "what it does", note.name);
    changed |= field(ui, "Group", "what it belongs to", note.group);
    changed |= ImGui::InputTextMultiline("##note", &note.text, {-1, ui.px(54)});
    if (changed) ui.session.note(trace, note);
}

void pinned_experts(Ui& ui, const std::string& trace) {
    const std::vector<Note>& all = ui.session.notes(trace).all();
    if (all.empty()) return;
    ImGui::SeparatorText("Pinned experts");
    std::map<std::string, std::vector<const Note*>> groups;
    for (const Note& note : all) groups[note.group].push_back(&note);
    for (const auto& [group, notes] : groups) {
        if (!group.empty()) any_text(ui, group, {}, ui.theme.muted);
        list(ui, notes);
    }
}

}  // namespace alluvium
