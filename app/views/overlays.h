#pragma once
// What lies above the docked views.
#include "app/views/ui.h"

namespace alluvium {

// What went wrong, with Copy and Dismiss; in nobody's way.
void draw_messages(Ui& ui);
// Every action by name (Ctrl+P).
void draw_palette(Ui& ui);
// All keys (F1), and what this program is.
void draw_keys(Ui& ui);
void draw_about(Ui& ui);
// The last notice, jobs under way with progress and cancel.
void draw_status_bar(Ui& ui);

// From the prompt to the verdict in six stops; skippable, kept in Help.
void start_tour(Ui& ui);
void draw_tour(Ui& ui);
inline constexpr int kTourStops = 6;

}  // namespace alluvium
