#pragma once
#include <filesystem>

namespace alluvium {

// The bundled checkpoint to look at first: the trained one under assets/specimen, or, where there is
// none, the one of random weights that the build made. UserError where neither is found.
std::filesystem::path specimen_folder();

}  // namespace alluvium
