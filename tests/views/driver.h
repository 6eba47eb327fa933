#pragma once
// The workbench without a display, driven by Dear ImGui's test engine: clicks and keys on named
// widgets, as a person would.
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include <imgui_te_context.h>
#include <imgui_te_engine.h>

#include "app/views/offscreen_workbench.h"
#include "tests/support/temporary_folder.h"

namespace alluvium::test {

class Driver {
  public:
    explicit Driver(ModelServices model = {}, const OffscreenWorkbench::Options& options = {}) {
        engine_ = ImGuiTestEngine_CreateContext();
        ImGuiTestEngineIO& io = ImGuiTestEngine_GetIO(engine_);
        io.ConfigRunSpeed = ImGuiTestRunSpeed_Fast;
        io.ConfigNoThrottle = true;
        io.ConfigVerboseLevel = ImGuiTestVerboseLevel_Error;
        io.ConfigVerboseLevelOnError = ImGuiTestVerboseLevel_Debug;
        io.ConfigLogToTTY = true;
        workbench_.emplace(Environment{.model = std::move(model),
                                       .folders = user_folders_in(folder_ / ""),
                                       .text_meter = pango_meter,
                                       .program = ALLUVIUM_BINARY_DIR "/app/alluvium"},
                           options);
        workbench_->shell().state().picker.use_native(false);
        ImGuiTestEngine_Start(engine_, ImGui::GetCurrentContext());
        workbench_->settle();
    }
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    ~Driver() {
        ImGuiTestEngine_Stop(engine_);
        workbench_.reset();
        ImGuiTestEngine_DestroyContext(engine_);  // only after the ImGui context
    }

    // Runs the steps between frames; false where a widget was not found or a check failed.
    bool run(std::function<void(ImGuiTestContext&)> steps) {
        ImGuiTest* test = IM_REGISTER_TEST(engine_, "workbench", "steps");
        test->TestFunc = [steps = std::move(steps)](ImGuiTestContext* context) { steps(*context); };
        ImGuiTestEngine_QueueTest(engine_, test);
        while (!ImGuiTestEngine_IsTestQueueEmpty(engine_)) {
            workbench_->frame();
            ImGuiTestEngine_PostSwap(engine_);
        }
        const bool passed = test->Output.Status == ImGuiTestStatus_Success;
        ImGuiTestEngine_UnregisterTest(engine_, test);
        workbench_->settle();
        return passed;
    }

    Session& session() { return workbench_->session(); }
    OffscreenWorkbench& workbench() { return *workbench_; }
    const TemporaryFolder& folder() const { return folder_; }

    void open(const std::string& path) {
        session().open(path);
        workbench_->settle();
    }

  private:
    TemporaryFolder folder_;
    ImGuiTestEngine* engine_ = nullptr;
    std::optional<OffscreenWorkbench> workbench_;
};

// How many different colours a part of the screen shows: a blank panel has one or two.
inline std::size_t colors_in(const RgbaImage& image, const ImRect& rect) {
    std::set<std::uint32_t> colors;
    for (int y = std::max(0, int(rect.Min.y)); y < std::min(image.height, int(rect.Max.y)); ++y) {
        for (int x = std::max(0, int(rect.Min.x)); x < std::min(image.width, int(rect.Max.x));
             ++x) {
            const std::uint8_t* p = &image.pixels[std::size_t(y * image.width + x) * 4];
            colors.insert(std::uint32_t(p[0]) << 16 | std::uint32_t(p[1]) << 8 | p[2]);
        }
    }
    return colors.size();
}

}  // namespace alluvium::test
