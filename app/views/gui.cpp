#include "app/views/gui.h"

#include <implot.h>
#include <misc/freetype/imgui_freetype.h>

#include "app/views/font_files.h"
#include "app/views/style.h"

namespace alluvium {
namespace {

ImFont* add_font(const FontFile& file, bool merge) {
    ImFontConfig config;
    config.FontNo = static_cast<ImU32>(file.face);
    config.MergeMode = merge;
    // Hinted in height only: letters keep the distances that the font gives them.
    config.FontLoaderFlags = ImGuiFreeTypeLoaderFlags_LightHinting;
    return ImGui::GetIO().Fonts->AddFontFromFileTTF(file.path.c_str(), kTextSize, &config);
}

ScreenFonts load_fonts() {
    const UiFonts files = find_ui_fonts();
    ScreenFonts fonts;
    fonts.regular = add_font(files.regular, false);
    for (const FontFile& fallback : files.fallbacks) add_font(fallback, true);
    fonts.bold = add_font(files.bold, false);
    for (const FontFile& fallback : files.fallbacks) add_font(fallback, true);
    return fonts;
}

}  // namespace

Gui::Gui(const Settings& settings, float display_scale) : display_scale_(display_scale) {
    context_ = ImGui::CreateContext();
    ImPlot::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.ConfigFlags |= ImGuiConfigFlags_DockingEnable | ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigDockingWithShift = false;
    io.ConfigWindowsMoveFromTitleBarOnly = true;
    io.ConfigInputTextCursorBlink = false;  // an idle window draws nothing
    io.IniFilename = nullptr;               // layouts belong to sessions
    text_ = std::make_unique<ScreenText>(load_fonts());
    apply(settings);
}

Gui::~Gui() {
    text_.reset();
    ImPlot::DestroyContext();
    ImGui::DestroyContext(context_);
}

void Gui::apply(const Settings& settings) {
    scale_ = display_scale_ * static_cast<float>(settings.scale);
    dark_ = settings.dark;
    apply_style(dark_, scale_);
}

void Gui::new_frame(const Settings& settings) {
    const float scale = display_scale_ * static_cast<float>(settings.scale);
    if (scale != scale_ || settings.dark != dark_) apply(settings);
    ImGui::NewFrame();
    text_->new_frame();
}

}  // namespace alluvium
