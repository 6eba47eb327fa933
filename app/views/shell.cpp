#include "app/views/shell.h"

#include <cstring>

#include <imgui_internal.h>

#include "app/views/actions.h"
#include "app/views/dock_layout.h"
#include "app/views/overlays.h"

namespace alluvium {
namespace {

constexpr const char* kMenus[] = {"File", "Edit", "View", "Run", "Compare", "Help"};
constexpr int kSettlingFrames = 3;

void draw_items(Ui& ui, const char* menu) {
    for (const Action& action : actions()) {
        if (std::strcmp(action.menu, menu) != 0) continue;
        if (action.separator) ImGui::Separator();
        const char* keys =
            action.keys == ImGuiKey_None ? nullptr : ImGui::GetKeyChordName(action.keys);
        if (ImGui::MenuItem(action.name, keys, false, is_enabled(ui, action))) action.run(ui);
    }
}

}  // namespace

Shell::Shell(Session& session, Gui& gui) : session_(session), gui_(gui), views_(make_views()) {}

Shell::~Shell() = default;

Ui Shell::ui() {
    return {session_, gui_, state_, screen_theme(gui_.dark())};
}

bool Shell::in_motion() const {
    return session_.jobs().busy() || session_.unsettled() || state_.picker.waiting() ||
           !state_.bring_to_front.empty() || state_.playing;
}

void Shell::frame() {
    session_.update();
    Ui ui = this->ui();
    state_.hovered = {};
    handle_keys(ui);
    draw_menus(ui);
    draw_status_bar(ui);
    draw_dockspace(ui);
    draw_views(ui);
    draw_messages(ui);
    draw_palette(ui);
    draw_keys(ui);
    draw_about(ui);
    draw_tour(ui);
    state_.picker.draw(ui);
}

void Shell::draw_menus(Ui& ui) {
    if (!ImGui::BeginMainMenuBar()) return;
    for (const char* menu : kMenus) {
        if (!ImGui::BeginMenu(menu)) continue;
        draw_items(ui, menu);
        if (std::strcmp(menu, "File") == 0) draw_recent(ui);
        if (std::strcmp(menu, "View") == 0) draw_view_toggles(ui);
        ImGui::EndMenu();
    }
    const char* hint = "Ctrl+P finds any action";
    ImGui::SameLine(ImGui::GetWindowWidth() - ImGui::CalcTextSize(hint).x - ui.px(16));
    ImGui::TextDisabled("%s", hint);
    ImGui::EndMainMenuBar();
}

void Shell::draw_recent(Ui& ui) {
    if (!ImGui::BeginMenu("Open recent", !ui.session.settings().recent.empty())) return;
    // A copy: opening changes the list.
    const std::vector<std::string> recent = ui.session.settings().recent;
    for (const std::string& path : recent) {
        if (ImGui::MenuItem(path.c_str())) ui.session.open(path);
    }
    ImGui::EndMenu();
}

void Shell::draw_view_toggles(Ui& ui) {
    ImGui::Separator();
    for (const auto& view : views_) {
        bool& hidden = ui.state.hidden[view->title()];
        if (ImGui::MenuItem(view->title(), nullptr, !hidden)) hidden = !hidden;
    }
}

void Shell::draw_dockspace(Ui& ui) {
    const ImGuiID dockspace = ImGui::GetID("dockspace");
    const Layout wanted = ui.session.view().layout;
    if (layout_ != wanted || ui.state.reset_layout) {
        layout_ = wanted;
        ui.state.reset_layout = false;
        const auto front = build_dock_layout(dockspace, ImGui::GetMainViewport()->WorkSize,
                                             ui.gui.scale(), wanted);
        ui.state.bring_to_front.assign(front.begin(), front.end());
        // Their tabs would take room from the pictures; the menu View shows them anywhere.
        for (const char* view : {kTrain, kEvaluate}) {
            ui.state.hidden[view] = wanted != Layout::train;
        }
    }
    // Tabs have a cross of their own.
    constexpr auto kFlags = static_cast<ImGuiDockNodeFlags>(ImGuiDockNodeFlags_NoCloseButton);
    ImGui::DockSpaceOverViewport(dockspace, ImGui::GetMainViewport(), kFlags);
}

void Shell::draw_views(Ui& ui) {
    // What is out of sight does not keep the window awake.
    const ImGuiWindow* circuit = ImGui::FindWindowByName(kCircuit);
    if (circuit == nullptr || circuit->Hidden || ui.state.hidden[kCircuit]) {
        ui.state.playing = false;
    }
    for (const std::string& title : ui.state.bring_to_front) ui.state.hidden[title] = false;
    for (const auto& view : views_) {
        bool& hidden = ui.state.hidden[view->title()];
        if (hidden) continue;
        bool open = true;
        const bool closable = std::strcmp(view->title(), kVerdict) != 0;
        if (ImGui::Begin(view->title(), closable ? &open : nullptr, ImGuiWindowFlags_NoCollapse)) {
            view->draw(ui);
        }
        ImGui::End();
        hidden = !open;
    }
    if (ui.state.bring_to_front.empty()) return;
    for (const std::string& title : ui.state.bring_to_front) {
        ImGui::SetWindowFocus(title.c_str());
    }
    if (++front_frames_ < kSettlingFrames) return;
    ui.state.bring_to_front.clear();
    front_frames_ = 0;
}

}  // namespace alluvium
