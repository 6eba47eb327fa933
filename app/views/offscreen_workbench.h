#pragma once
#include "app/views/gui.h"
#include "app/views/offscreen.h"
#include "app/views/shell.h"

namespace alluvium {

// The workbench without a display: for pictures of it, and to be driven by tests.
class OffscreenWorkbench {
  public:
    struct Options {
        int width = 1600, height = 1000;  // pixels
        Settings settings = {};
    };
    OffscreenWorkbench(Environment environment, const Options& options);

    Session& session() { return session_; }
    Shell& shell() { return shell_; }

    void frame();
    // Until no job is under way and pictures and docking have come to rest.
    void settle();
    RgbaImage pixels() const { return window_.pixels(); }
    void resize(int width, int height) { window_.resize(width, height); }

  private:
    Session session_;
    Gui gui_;
    OffscreenWindow window_;
    Shell shell_;
};

}  // namespace alluvium
