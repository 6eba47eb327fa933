#include "app/views/offscreen_workbench.h"

namespace alluvium {

OffscreenWorkbench::OffscreenWorkbench(Environment environment, const Options& options)
    : session_(std::move(environment)),
      gui_(options.settings, 1),
      window_(options.width, options.height),
      shell_(session_, gui_) {
    session_.settings() = options.settings;
}

void OffscreenWorkbench::frame() {
    window_.begin_frame();
    gui_.new_frame(session_.settings());
    shell_.frame();
    ImGui::Render();
    window_.end_frame();
}

void OffscreenWorkbench::settle() {
    // A finished job may change a view, which asks for the next job: analysis, then picture, then
    // the picture at its panel's final size.
    constexpr int kMostRounds = 32, kRestingFrames = 4;
    for (int round = 0, resting = 0; round < kMostRounds && resting < kRestingFrames; ++round) {
        const bool busy = session_.jobs().busy();
        session_.finish_jobs();
        frame();
        resting = busy || session_.jobs().busy() ? 0 : resting + 1;
    }
}

}  // namespace alluvium
