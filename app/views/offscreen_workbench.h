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
    // Processor time of this thread for the last frame's interface: everything but OpenGL.
    double interface_seconds() const { return interface_seconds_; }
    RgbaImage pixels() const { return window_.pixels(); }
    void resize(int width, int height) { window_.resize(width, height); }

  private:
    Session session_;
    Gui gui_;
    OffscreenWindow window_;
    Shell shell_;
    double interface_seconds_ = 0;
};

}  // namespace alluvium
