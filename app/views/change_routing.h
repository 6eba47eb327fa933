#pragma once
#include "app/session/interventions.h"
#include "app/views/ui.h"

namespace alluvium {

// Puts a change into the tray of those that act together, once.
void add_to_tray(Ui& ui, const PlannedChange& change);
// The same with the selected expert; the selected language is asked whether it needs it.
void change_selected(Ui& ui, const std::string& change);
// What can be done to the selected expert, as items of the open menu; leads to Intervene.
void change_routing_menu(Ui& ui);

}  // namespace alluvium
