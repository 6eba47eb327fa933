#include "app/views/actions.h"

#include <algorithm>
#include <array>

#include "app/views/exports.h"
#include "app/views/overlays.h"
#include "app/views/steps.h"
#include "app/views/view.h"

namespace alluvium {
namespace {

void open_file(Ui& ui) {
    ui.state.picker.ask({.kind = PickKind::file,
                         .title = "Open a trace or session",
                         .suggested = {},
                         .chosen = [&s = ui.session](const std::string& path) { s.open(path); }});
}

void open_folder(Ui& ui) {
    ui.state.picker.ask({.kind = PickKind::folder,
                         .title = "Open a checkpoint folder",
                         .suggested = {},
                         .chosen = [&s = ui.session](const std::string& path) { s.open(path); }});
}

void compare_file(Ui& ui) {
    ui.state.picker.ask(
        {.kind = PickKind::file,
         .title = "Compare with a trace",
         .suggested = {},
         .chosen = [&s = ui.session](const std::string& path) { s.open(path, ShowAs::b); }});
}

void save_session(Ui& ui) {
    ui.state.picker.ask({.kind = PickKind::save,
                         .title = "Save the session",
                         .suggested = std::string("work") + kSessionEnding,
                         .chosen = [&s = ui.session](const std::string& path) {
                             s.save(path.ends_with(kSessionEnding) ? path : path + kSessionEnding);
                         }});
}

const TraceDocument* shown(const Ui& ui) {
    return ui.session.documents().trace(ui.session.view().a);
}

void export_trace(Ui& ui) {
    if (const TraceDocument* document = shown(ui)) ask_and_export_trace(ui, *document);
}

template <FigureKind kind>
void export_picture(Ui& ui) {
    if (const TraceDocument* document = shown(ui)) ask_and_export(ui, kind, *document, "svg");
}

template <Layout layout>
void set_layout(Ui& ui) {
    ui.session.change_view("layout", [](ViewState& view) { view.layout = layout; });
    ui.state.reset_layout = true;
}

template <int steps>
void change_scale(Ui& ui) {
    constexpr double kStep = 0.125;
    double& scale = ui.session.settings().scale;
    scale = steps == 0 ? 1.0 : std::clamp(scale + steps * kStep, kSmallestScale, kLargestScale);
    ui.session.keep_settings();
}

void toggle_dark(Ui& ui) {
    ui.session.settings().dark = !ui.session.settings().dark;
    ui.session.keep_settings();
}

bool has_trace(const Ui& ui) {
    return shown(ui) != nullptr;
}
bool has_tokens(const Ui& ui) {
    return has_trace(ui) && shown(ui)->trace->header().kind == TraceKind::tokens;
}
bool has_both(const Ui& ui) {
    return has_trace(ui) && !ui.session.view().b.empty();
}
bool can_run(const Ui& ui) {
    return ui.session.why_not_run().empty();
}
bool has_selection(const Ui& ui) {
    return !ui.session.view().selection.empty();
}

bool has_something_chosen(const Ui& ui) {
    return has_selection(ui) || ui.state.box.has_value();
}

// One step back: the box first.
void clear_selection(Ui& ui) {
    if (ui.state.box) {
        ui.state.box.reset();
    } else {
        ui.session.select({});
    }
}

constexpr auto kCtrl = ImGuiMod_Ctrl;
constexpr auto kShift = ImGuiMod_Shift;

const std::array kActions = {
    Action{"open_file", "File", "Open trace or session...", kCtrl | ImGuiKey_O, open_file},
    Action{"open_folder", "File", "Open checkpoint folder...", kCtrl | kShift | ImGuiKey_O,
           open_folder},
    Action{"save_session", "File", "Save session...", kCtrl | ImGuiKey_S, save_session, nullptr,
           true},
    Action{"restore_session", "File", "Restore the lost session", ImGuiKey_None,
           [](Ui& ui) { ui.session.restore_lost(); },
           [](const Ui& ui) { return ui.session.has_lost(); }},
    Action{"export_trace", "File", "Save a copy of the trace...", ImGuiKey_None, export_trace,
           has_trace, true},
    Action{"export_heatmap", "File", "Save the heat map...", kCtrl | ImGuiKey_E,
           export_picture<FigureKind::heatmap>, has_trace},
    Action{"export_circuit", "File", "Save the circuit...", ImGuiKey_None,
           export_picture<FigureKind::circuit>, has_trace},
    Action{"export_divergence", "File", "Save the divergence...", ImGuiKey_None,
           export_picture<FigureKind::divergence>, has_trace},
    Action{"quit", "File", "Quit", kCtrl | ImGuiKey_Q, [](Ui& ui) { ui.state.quit = true; },
           nullptr, true},

    Action{"undo", "Edit", "Undo", kCtrl | ImGuiKey_Z, [](Ui& ui) { ui.session.undo(); },
           [](const Ui& ui) { return !ui.session.history().undo_what().empty(); }},
    Action{"redo", "Edit", "Redo", kCtrl | kShift | ImGuiKey_Z, [](Ui& ui) { ui.session.redo(); },
           [](const Ui& ui) { return !ui.session.history().redo_what().empty(); }},
    Action{"clear_selection", "Edit", "Clear the selection", ImGuiKey_Escape, clear_selection,
           has_something_chosen},
    Action{"search", "Edit", "Search the routes...", kCtrl | ImGuiKey_F,
           [](Ui& ui) { ui.state.bring_to_front = {kSearch}; }, has_trace},
    Action{"palette", "Edit", "Find an action...", kCtrl | ImGuiKey_P,
           [](Ui& ui) { ui.state.palette_open = true; }, nullptr, true},

    Action{"layout_explore", "View", "Explore", kCtrl | ImGuiKey_1, set_layout<Layout::explore>},
    Action{"layout_compare", "View", "Compare", kCtrl | ImGuiKey_2, set_layout<Layout::compare>},
    Action{"layout_circuit", "View", "Circuit", kCtrl | ImGuiKey_3, set_layout<Layout::circuit>},
    Action{"layout_train", "View", "Train", kCtrl | ImGuiKey_4, set_layout<Layout::train>},
    Action{"reset_layout", "View", "Reset the layout", ImGuiKey_None,
           [](Ui& ui) {
               ui.state.hidden.clear();
               ui.state.reset_layout = true;
           }},
    Action{"dark", "View", "Dark theme", kCtrl | ImGuiKey_D, toggle_dark, nullptr, true},
    Action{"larger", "View", "Larger", kCtrl | ImGuiKey_Equal, change_scale<1>},
    Action{"smaller", "View", "Smaller", kCtrl | ImGuiKey_Minus, change_scale<-1>},
    Action{"normal_size", "View", "Normal size", kCtrl | ImGuiKey_0, change_scale<0>},

    Action{"run", "Run", "Run the chosen prompts", kCtrl | ImGuiKey_Enter,
           [](Ui& ui) { ui.session.run(); }, can_run},
    Action{"cancel_run", "Run", "Cancel the run", ImGuiKey_None,
           [](Ui& ui) { ui.session.jobs().cancel_tag("run"); }},
    Action{"pairs", "Run", "Change one thing of a text...", ImGuiKey_None,
           [](Ui& ui) { ui.state.bring_to_front = {kPairs}; }, nullptr},

    Action{"compare_file", "Compare", "Compare with...", kCtrl | ImGuiKey_B, compare_file,
           has_trace},
    Action{"swap", "Compare", "Swap A and B", kCtrl | kShift | ImGuiKey_B,
           [](Ui& ui) { ui.session.swap_sides(); }, has_both},
    Action{"end_compare", "Compare", "End the comparison", ImGuiKey_None,
           [](Ui& ui) { ui.session.show_b({}); }, has_both},

    Action{"left", "", "Previous expert", ImGuiKey_LeftArrow, step_expert<-1>, has_selection},
    Action{"right", "", "Next expert", ImGuiKey_RightArrow, step_expert<1>, has_selection},
    Action{"up", "", "Layer above", ImGuiKey_UpArrow, step_layer<1>, has_selection},
    Action{"down", "", "Layer below", ImGuiKey_DownArrow, step_layer<-1>, has_selection},
    Action{"previous_group", "", "Previous language", ImGuiKey_LeftBracket, step_group<-1>,
           has_trace},
    Action{"next_group", "", "Next language", ImGuiKey_RightBracket, step_group<1>, has_trace},
    Action{"previous_token", "", "Previous token", ImGuiKey_Comma, step_token<-1>, has_tokens},
    Action{"next_token", "", "Next token", ImGuiKey_Period, step_token<1>, has_tokens},

    Action{"keys", "Help", "Keys", ImGuiKey_F1, [](Ui& ui) { ui.state.keys_open = true; }},
    Action{"tour", "Help", "Guided tour", ImGuiKey_None, start_tour, has_trace},
    Action{"about", "Help", "About alluvium", ImGuiKey_None,
           [](Ui& ui) { ui.state.about_open = true; }},
};

bool has_modifier(ImGuiKeyChord keys) {
    return (keys & ImGuiMod_Mask_) != 0;
}

}  // namespace

std::span<const Action> actions() {
    return kActions;
}

bool is_enabled(const Ui& ui, const Action& action) {
    return action.enabled == nullptr || action.enabled(ui);
}

void run_action(Ui& ui, const std::string& id) {
    for (const Action& action : kActions) {
        if (action.id == id && is_enabled(ui, action)) action.run(ui);
    }
}

void handle_keys(Ui& ui) {
    const bool typing = ImGui::GetIO().WantTextInput;
    for (const Action& action : kActions) {
        if (action.keys == ImGuiKey_None || (typing && !has_modifier(action.keys))) continue;
        constexpr auto kFlags = ImGuiInputFlags_RouteGlobal | ImGuiInputFlags_Repeat;
        if (ImGui::Shortcut(action.keys, kFlags) && is_enabled(ui, action)) action.run(ui);
    }
}

}  // namespace alluvium
