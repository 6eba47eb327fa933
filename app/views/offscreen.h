#pragma once
#include <memory>

#include "app/painters/text.h"

namespace alluvium {

// A window that nobody sees: OpenGL without a display (surfaceless EGL and a framebuffer object),
// drawn by the same ImGui backend as the real one. For pictures of the workbench and its tests.
// To be made after the Gui and destroyed before it.
class OffscreenWindow {
  public:
    // Pixels. RunError where this machine has no such OpenGL.
    OffscreenWindow(int width, int height);
    OffscreenWindow(const OffscreenWindow&) = delete;
    OffscreenWindow& operator=(const OffscreenWindow&) = delete;
    ~OffscreenWindow();

    // Before Gui::new_frame().
    void begin_frame();
    // After ImGui::Render(): draws into the framebuffer.
    void end_frame();
    void resize(int width, int height);
    // What the last frame looks like, from the top down.
    RgbaImage pixels() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace alluvium
