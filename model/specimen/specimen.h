#pragma once
#include <filesystem>

namespace alluvium {

// The bundled checkpoint to look at first (assets/specimen/README.md), and its routing of the bundled
// prompts. UserError where they are not found.
std::filesystem::path specimen_folder();
std::filesystem::path specimen_trace();

}  // namespace alluvium
