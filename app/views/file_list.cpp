#include "app/views/file_list.h"

#include <algorithm>

#include <imgui.h>

namespace alluvium {

void file_list(Ui& ui, const char* label, const char* hint, std::vector<std::string>& files) {
    ImGui::PushID(label);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(label);
    ImGui::SetItemTooltip("%s", hint);
    ImGui::SameLine();
    if (ImGui::SmallButton("Add...")) {
        ui.state.picker.ask({.kind = PickKind::file,
                             .title = label,
                             .suggested = {},
                             .chosen = [&files](const std::string& path) {
                                 if (std::find(files.begin(), files.end(), path) == files.end()) {
                                     files.push_back(path);
                                 }
                             }});
    }
    std::string gone;
    for (const std::string& file : files) {
        ImGui::PushID(file.c_str());
        if (ImGui::SmallButton("x")) gone = file;
        ImGui::SameLine();
        ImGui::TextUnformatted(std::filesystem::path(file).filename().c_str());
        ImGui::SetItemTooltip("%s", file.c_str());
        ImGui::PopID();
    }
    std::erase(files, gone);
    ImGui::PopID();
}

}  // namespace alluvium
