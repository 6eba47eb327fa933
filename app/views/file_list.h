#pragma once
#include <string>
#include <vector>

#include "app/views/ui.h"

namespace alluvium {

// A list of files under `label`, each with a cross, and a button that asks for one more. `files`
// has to outlive the picker's answer.
void file_list(Ui& ui, const char* label, const char* hint, std::vector<std::string>& files);

}  // namespace alluvium
