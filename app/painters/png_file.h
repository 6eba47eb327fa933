#pragma once
#include <filesystem>

#include "app/painters/text.h"

namespace alluvium {

// An opaque picture of the screen. RunError where it cannot be written.
void save_png(const RgbaImage& image, const std::filesystem::path& path);

}  // namespace alluvium
