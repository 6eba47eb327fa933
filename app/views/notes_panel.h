#pragma once
#include <string>

#include "app/session/selection.h"
#include "app/views/ui.h"

namespace alluvium {

// What is noted about the selected expert, to be changed; nothing where none is selected.
void note_editor(Ui& ui, const std::string& trace, const Selection& selection);

// All pinned experts of the trace, by their groups; a click selects one.
void pinned_experts(Ui& ui, const std::string& trace);

// Pins the selected expert, or lets go of it and of what was noted about it.
void toggle_pin(Ui& ui, const std::string& trace, const Selection& selection);

}  // namespace alluvium
