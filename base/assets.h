#pragma once
#include <filesystem>
#include <string_view>

namespace alluvium {

// Where the files under assets/ and captures/examples/ are: $ALLUVIUM_HOME, else the nearest folder
// above the program that holds `relative`. UserError where it is not found.
std::filesystem::path find_asset(std::string_view relative);

}  // namespace alluvium
