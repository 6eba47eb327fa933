#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/painters/text.h"
#include "app/session/view_state.h"

namespace alluvium {

struct ScreenshotOptions {
    std::vector<std::string> paths =
        {};  // checkpoints, traces and session files, opened in this order
    int width = 1600, height = 1000;
    double scale = 1;
    bool dark = false;
    std::optional<Layout> layout = {};  // else the session's
    std::string front = {};             // title of a view to bring to the front, e.g. "Circuit"
    Selection selection = {};
    std::size_t prompt = 0;  // whose tokens are shown
};

// The workbench as it would look, drawn without a display. Nothing of the person's settings is read
// or written. UserError with the first message where something could not be opened, RunError where
// this machine has no OpenGL.
RgbaImage screenshot(const ScreenshotOptions& options);

void save_screenshot(const ScreenshotOptions& options, const std::filesystem::path& png);

}  // namespace alluvium
