#pragma once
#include "app/session/selection.h"
#include "app/views/ui.h"

namespace alluvium {

// In which order the experts of heat maps stand. Orders by a layer take the selected layer (and
// language), else the last routed one.
void expert_sort_chooser(Ui& ui, const std::string& trace);

// The same as entries of a menu, for the cell under the pointer.
void expert_sort_menu(Ui& ui, const Selection& selection);

}  // namespace alluvium
