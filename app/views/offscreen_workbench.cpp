#include "app/views/offscreen_workbench.h"

#include <ctime>

namespace alluvium {
namespace {

double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

OffscreenWorkbench::OffscreenWorkbench(Environment environment, const Options& options)
    : session_(std::move(environment)),
      gui_(options.settings, 1),
      window_(options.width, options.height),
      shell_(session_, gui_) {
    session_.settings() = options.settings;
}

void OffscreenWorkbench::frame() {
    window_.begin_frame();
    const double start = thread_seconds();
    gui_.new_frame(session_.settings());
    shell_.frame();
    ImGui::Render();
    interface_seconds_ = thread_seconds() - start;
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
