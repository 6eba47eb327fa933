#pragma once
// What a view may touch while it draws.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "app/views/file_picker.h"
#include "app/views/gui.h"
#include "app/views/style.h"

namespace alluvium {

// A box drawn over a picture; its corners in points of the figure.
struct BoxSelection {
    std::string panel;
    Point from, to;
    bool drawing = false;
};

// The state of the window that is neither undone nor saved.
struct UiState {
    FilePicker picker;
    bool palette_open = false;
    std::string palette_text;
    bool keys_open = false;
    bool about_open = false;
    int tour = -1;  // the stop of the guided tour; -1: none
    bool quit = false;
    std::map<std::string, bool> hidden;       // views that were closed
    std::vector<std::string> bring_to_front;  // titles of views; the last gets the keys
    bool reset_layout = false;
    Selection hovered;  // under the pointer, in whichever view
    std::optional<BoxSelection> box;
    std::optional<TokenPos> token;    // of the shown trace, whose scores are looked at
    bool playing = false;             // a picture moves by itself
    InterventionPlan intervention{};  // what is to act together, from whichever view it was added
};

struct Ui {
    Session& session;
    Gui& gui;
    UiState& state;
    Theme theme;

    float px(float at_scale_one) const { return at_scale_one * gui.scale(); }
};

}  // namespace alluvium
