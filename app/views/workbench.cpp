#include "app/views/workbench.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>

#include "app/session/open_all.h"
#include "app/views/gui.h"
#include "app/views/shell.h"
#include "base/error.h"

namespace alluvium {
namespace {

// After an event the window is drawn this long, so that tooltips and fades come to rest; then not
// at all until the next one.
constexpr double kRestAfterSeconds = 0.6;
// While work is under way its progress is drawn this often.
constexpr double kProgressEverySeconds = 0.1;

std::string last_glfw_error() {
    const char* text = nullptr;
    glfwGetError(&text);
    return text == nullptr ? "unknown reason" : text;
}

class Window {
  public:
    Window() {
        if (glfwInit() == GLFW_FALSE) no_window("no display can be opened: " + last_glfw_error());
        glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
        glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
        glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
        glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
        const auto [width, height] = first_size();
        window_ = glfwCreateWindow(width, height, "alluvium", nullptr, nullptr);
        if (window_ == nullptr) {
            const std::string reason = last_glfw_error();
            glfwTerminate();
            no_window("no window with OpenGL 3.3 can be opened: " + reason);
        }
        glfwMakeContextCurrent(window_);
        glfwSwapInterval(1);
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;
    ~Window() {
        glfwDestroyWindow(window_);
        glfwTerminate();
    }

    GLFWwindow* handle() const { return window_; }
    float scale() const { return std::max(1.0F, ImGui_ImplGlfw_GetContentScaleForWindow(window_)); }

  private:
    [[noreturn]] static void no_window(const std::string& why) {
        throw UserError(why, "on a machine without a display use `alluvium render`, or xvfb-run");
    }
    // Most of the screen, but no more than helps.
    static std::pair<int, int> first_size() {
        int x = 0, y = 0, width = 1440, height = 900;
        if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) {
            glfwGetMonitorWorkarea(monitor, &x, &y, &width, &height);
        }
        return {std::clamp(width * 9 / 10, 800, 2400), std::clamp(height * 9 / 10, 600, 1500)};
    }

    GLFWwindow* window_ = nullptr;
};

class Backends {
  public:
    explicit Backends(GLFWwindow* window) {
        ImGui_ImplGlfw_InitForOpenGL(window, true);
        ImGui_ImplOpenGL3_Init("#version 330");
    }
    Backends(const Backends&) = delete;
    Backends& operator=(const Backends&) = delete;
    ~Backends() {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }
};

void dropped(GLFWwindow* window, int count, const char** paths) {
    open_dropped(*static_cast<Session*>(glfwGetWindowUserPointer(window)), count, paths);
}

void draw(GLFWwindow* window, Gui& gui, Shell& shell, const Settings& settings) {
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    gui.new_frame(settings);
    shell.frame();
    ImGui::Render();
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(window);
}

void run_loop(GLFWwindow* window, Session& session, Gui& gui, Shell& shell) {
    double rest_at = glfwGetTime() + kRestAfterSeconds;
    while (glfwWindowShouldClose(window) == GLFW_FALSE && !shell.state().quit) {
        if (glfwGetTime() < rest_at) {
            glfwPollEvents();
        } else if (shell.in_motion()) {
            glfwWaitEventsTimeout(kProgressEverySeconds);
        } else {
            glfwWaitEvents();
            rest_at = glfwGetTime() + kRestAfterSeconds;
        }
        draw(window, gui, shell, session.settings());
    }
}

}  // namespace

void open_dropped(Session& session, int count, const char** paths) {
    open_all(session, {paths, paths + count});
}

bool has_display() {
    const auto given = [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && value[0] != '\0';
    };
    return given("DISPLAY") || given("WAYLAND_DISPLAY");
}

int run_workbench(const WorkbenchOptions& options) {
    // The order in which they are destroyed: no job may wake a window that is gone, and textures
    // outlive the renderer's backend.
    const Window window;
    Session session({.model = model_services(),
                     .folders = default_user_folders(),
                     .text_meter = pango_meter,
                     .program = std::filesystem::read_symlink("/proc/self/exe"),
                     .autosave = true,
                     .wake = [] { glfwPostEmptyEvent(); }});
    Gui gui(session.settings(), window.scale());
    const Backends backends(window.handle());
    Shell shell(session, gui);
    glfwSetWindowUserPointer(window.handle(), &session);
    glfwSetDropCallback(window.handle(), dropped);
    session.look_for_lost();
    session.choose_default_prompts();
    open_all(session, options.paths);
    for (const std::string& path : options.listed) session.open(path, ShowAs::nothing);
    if (options.tour && !session.settings().toured) shell.state().tour = 0;
    run_loop(window.handle(), session, gui, shell);
    session.keep_settings();
    return 0;
}

}  // namespace alluvium
