#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "app/views/ui.h"
#include "app/views/view.h"

namespace alluvium {

// The whole interface inside one window: menus, docked views, status bar and what lies above them.
class Shell {
  public:
    Shell(Session& session, Gui& gui);
    ~Shell();

    // One frame, between Gui::new_frame() and ImGui::Render().
    void frame();

    Ui ui();
    UiState& state() { return state_; }
    // Something changes without the person's doing: draw again soon.
    bool in_motion() const;

  private:
    void draw_menus(Ui& ui);
    void draw_recent(Ui& ui);
    void draw_view_toggles(Ui& ui);
    void draw_dockspace(Ui& ui);
    void draw_views(Ui& ui);

    Session& session_;
    Gui& gui_;
    UiState state_;
    std::vector<std::unique_ptr<View>> views_;
    std::optional<Layout> layout_;  // the one that is docked
    int front_frames_ = 0;          // docking takes frames; what is in front is chosen after it
};

}  // namespace alluvium
