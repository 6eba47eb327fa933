#pragma once
#include <memory>

#include <imgui.h>

#include "app/painters/screen_text.h"
#include "app/session/settings.h"

namespace alluvium {

// One ImGui context with this program's fonts, style and text textures; no window, no renderer.
// A renderer's backend is set up after it and shut down before it is destroyed.
class Gui {
  public:
    // `display_scale`: pixels per logical pixel of the display. UserError where fonts are missing.
    Gui(const Settings& settings, float display_scale);
    Gui(const Gui&) = delete;
    Gui& operator=(const Gui&) = delete;
    ~Gui();

    // Applies the settings where they have changed; then ImGui::NewFrame().
    void new_frame(const Settings& settings);

    ScreenText& text() { return *text_; }
    float scale() const { return scale_; }  // pixels per pixel at scale 1
    bool dark() const { return dark_; }

  private:
    void apply(const Settings& settings);

    ImGuiContext* context_ = nullptr;
    std::unique_ptr<ScreenText> text_;
    float display_scale_ = 1;
    float scale_ = 0;
    bool dark_ = false;
};

}  // namespace alluvium
