#pragma once
// Everything a person can do, once: menus, keys, the palette and the list of keys read this table.
#include <span>
#include <string>

#include <imgui.h>

#include "app/views/ui.h"

namespace alluvium {

struct Action {
    const char* id;
    const char* menu;  // which menu it stands in; empty: in none
    const char* name;
    ImGuiKeyChord keys = ImGuiKey_None;
    void (*run)(Ui& ui) = nullptr;
    bool (*enabled)(const Ui& ui) = nullptr;  // nullptr: always
    bool separator = false;                   // a line above it in the menu
};

std::span<const Action> actions();
bool is_enabled(const Ui& ui, const Action& action);
// Runs the action with this id where it is enabled.
void run_action(Ui& ui, const std::string& id);
// Runs what was pressed. Plain keys do nothing while text is being typed.
void handle_keys(Ui& ui);

}  // namespace alluvium
