#define GL_GLEXT_PROTOTYPES
#include "app/views/offscreen.h"

#include <cstring>
#include <vector>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include "base/error.h"

namespace alluvium {
namespace {

constexpr float kFrameTime = 1.0F / 60;  // of the clock that animations see

[[noreturn]] void no_gl(const char* what) {
    throw RunError(std::string("no OpenGL without a display: ") + what +
                   " failed (Debian: libegl1 and libgl1-mesa-dri)");
}

EGLDisplay open_display() {
    EGLDisplay display =
        eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
    if (display == EGL_NO_DISPLAY) display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
    if (display == EGL_NO_DISPLAY || !eglInitialize(display, nullptr, nullptr)) {
        no_gl("eglInitialize");
    }
    return display;
}

EGLContext open_context(EGLDisplay display) {
    if (!eglBindAPI(EGL_OPENGL_API)) no_gl("eglBindAPI");
    const EGLint wanted[] = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (!eglChooseConfig(display, wanted, &config, 1, &count) || count == 0) {
        no_gl("eglChooseConfig");
    }
    const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION,
                              3,
                              EGL_CONTEXT_MINOR_VERSION,
                              3,
                              EGL_CONTEXT_OPENGL_PROFILE_MASK,
                              EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                              EGL_NONE};
    EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, version);
    if (context == EGL_NO_CONTEXT) no_gl("eglCreateContext");
    if (!eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) {
        no_gl("eglMakeCurrent");
    }
    return context;
}

}  // namespace

struct OffscreenWindow::Impl {
    EGLDisplay display = EGL_NO_DISPLAY;
    EGLContext context = EGL_NO_CONTEXT;
    GLuint framebuffer = 0, colors = 0;
    int width = 0, height = 0;
};

OffscreenWindow::OffscreenWindow(int width, int height) : impl_(std::make_unique<Impl>()) {
    impl_->display = open_display();
    impl_->context = open_context(impl_->display);
    glGenFramebuffers(1, &impl_->framebuffer);
    glGenRenderbuffers(1, &impl_->colors);
    resize(width, height);
    if (!ImGui_ImplOpenGL3_Init("#version 330")) no_gl("ImGui_ImplOpenGL3_Init");
}

OffscreenWindow::~OffscreenWindow() {
    ImGui_ImplOpenGL3_Shutdown();
    glDeleteRenderbuffers(1, &impl_->colors);
    glDeleteFramebuffers(1, &impl_->framebuffer);
    eglMakeCurrent(impl_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(impl_->display, impl_->context);
    eglTerminate(impl_->display);
}

void OffscreenWindow::resize(int width, int height) {
    impl_->width = width;
    impl_->height = height;
    glBindFramebuffer(GL_FRAMEBUFFER, impl_->framebuffer);
    glBindRenderbuffer(GL_RENDERBUFFER, impl_->colors);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, impl_->colors);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
        no_gl("a framebuffer of that size");
    }
}

void OffscreenWindow::begin_frame() {
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {static_cast<float>(impl_->width), static_cast<float>(impl_->height)};
    io.DeltaTime = kFrameTime;
    ImGui_ImplOpenGL3_NewFrame();
}

void OffscreenWindow::end_frame() {
    glBindFramebuffer(GL_FRAMEBUFFER, impl_->framebuffer);
    glViewport(0, 0, impl_->width, impl_->height);
    glClearColor(0, 0, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    // A window's swap would do it: else the driver keeps what every frame draws until it is read.
    glFlush();
}

RgbaImage OffscreenWindow::pixels() const {
    const auto row = static_cast<std::size_t>(impl_->width) * 4;
    const auto rows = static_cast<std::size_t>(impl_->height);
    std::vector<std::uint8_t> bottom_up(row * rows);
    glBindFramebuffer(GL_FRAMEBUFFER, impl_->framebuffer);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, impl_->width, impl_->height, GL_RGBA, GL_UNSIGNED_BYTE, bottom_up.data());
    RgbaImage image{impl_->width, impl_->height, std::vector<std::uint8_t>(row * rows)};
    for (std::size_t y = 0; y < rows; ++y) {
        std::memcpy(image.pixels.data() + y * row, bottom_up.data() + (rows - 1 - y) * row, row);
    }
    return image;
}

}  // namespace alluvium
