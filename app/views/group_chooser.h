#pragma once
#include "app/views/ui.h"

namespace alluvium {

// A button that says which languages (or other groups) are shown and opens the list to choose from.
void group_chooser(Ui& ui, const std::string& trace);

}  // namespace alluvium
