#include "app/views/style.h"

#include <cmath>

#include <imgui.h>
#include <implot.h>

namespace alluvium {
namespace {

ImVec4 to_vec(Color c) {
    return {static_cast<float>(c.r) / 255, static_cast<float>(c.g) / 255,
            static_cast<float>(c.b) / 255, static_cast<float>(c.a) / 255};
}

// `share` of b in a.
ImVec4 mix(Color a, Color b, float share) {
    const ImVec4 x = to_vec(a), y = to_vec(b);
    return {std::lerp(x.x, y.x, share), std::lerp(x.y, y.y, share), std::lerp(x.z, y.z, share), 1};
}

ImVec4 faint(Color c, float alpha) {
    ImVec4 v = to_vec(c);
    v.w = alpha;
    return v;
}

void set_surfaces(ImGuiStyle& style, const Theme& theme) {
    ImVec4* const colors = style.Colors;
    const ImVec4 surface = to_vec(theme.background);
    const ImVec4 raised = mix(theme.background, theme.text, 0.035F);
    colors[ImGuiCol_Text] = to_vec(theme.text);
    colors[ImGuiCol_TextDisabled] = to_vec(theme.muted);
    colors[ImGuiCol_WindowBg] = surface;
    colors[ImGuiCol_ChildBg] = {0, 0, 0, 0};
    colors[ImGuiCol_PopupBg] = raised;
    colors[ImGuiCol_MenuBarBg] = raised;
    colors[ImGuiCol_TitleBg] = raised;
    colors[ImGuiCol_TitleBgActive] = raised;
    colors[ImGuiCol_TitleBgCollapsed] = raised;
    colors[ImGuiCol_DockingEmptyBg] = surface;
    colors[ImGuiCol_Border] = mix(theme.background, theme.text, 0.15F);
    colors[ImGuiCol_BorderShadow] = {0, 0, 0, 0};
    colors[ImGuiCol_Separator] = colors[ImGuiCol_Border];
    colors[ImGuiCol_SeparatorHovered] = faint(theme.accent, 0.6F);
    colors[ImGuiCol_SeparatorActive] = to_vec(theme.accent);
    colors[ImGuiCol_TableHeaderBg] = raised;
    colors[ImGuiCol_TableBorderLight] = mix(theme.background, theme.text, 0.08F);
    colors[ImGuiCol_TableBorderStrong] = colors[ImGuiCol_Border];
    colors[ImGuiCol_TableRowBg] = {0, 0, 0, 0};
    colors[ImGuiCol_TableRowBgAlt] = faint(theme.text, 0.03F);
    colors[ImGuiCol_ModalWindowDimBg] = {0, 0, 0, 0.35F};
}

void set_controls(ImGuiStyle& style, const Theme& theme) {
    ImVec4* const colors = style.Colors;
    colors[ImGuiCol_FrameBg] = mix(theme.background, theme.text, 0.07F);
    colors[ImGuiCol_FrameBgHovered] = mix(theme.background, theme.text, 0.11F);
    colors[ImGuiCol_FrameBgActive] = mix(theme.background, theme.text, 0.15F);
    colors[ImGuiCol_Button] = mix(theme.background, theme.text, 0.10F);
    colors[ImGuiCol_ButtonHovered] = faint(theme.accent, 0.30F);
    colors[ImGuiCol_ButtonActive] = faint(theme.accent, 0.50F);
    colors[ImGuiCol_Header] = faint(theme.accent, 0.18F);
    colors[ImGuiCol_HeaderHovered] = faint(theme.accent, 0.28F);
    colors[ImGuiCol_HeaderActive] = faint(theme.accent, 0.40F);
    colors[ImGuiCol_CheckMark] = to_vec(theme.accent);
    // The value is written over it.
    colors[ImGuiCol_SliderGrab] = faint(theme.accent, 0.45F);
    colors[ImGuiCol_SliderGrabActive] = faint(theme.accent, 0.65F);
    colors[ImGuiCol_Tab] = mix(theme.background, theme.text, 0.05F);
    colors[ImGuiCol_TabHovered] = faint(theme.accent, 0.28F);
    colors[ImGuiCol_TabSelected] = to_vec(theme.background);
    colors[ImGuiCol_TabSelectedOverline] = to_vec(theme.accent);
    colors[ImGuiCol_TabDimmed] = colors[ImGuiCol_Tab];
    colors[ImGuiCol_TabDimmedSelected] = colors[ImGuiCol_TabSelected];
    colors[ImGuiCol_TabDimmedSelectedOverline] = mix(theme.background, theme.accent, 0.5F);
    colors[ImGuiCol_DockingPreview] = faint(theme.accent, 0.4F);
    colors[ImGuiCol_ScrollbarBg] = {0, 0, 0, 0};
    colors[ImGuiCol_ScrollbarGrab] = mix(theme.background, theme.text, 0.25F);
    colors[ImGuiCol_ScrollbarGrabHovered] = mix(theme.background, theme.text, 0.35F);
    colors[ImGuiCol_ScrollbarGrabActive] = mix(theme.background, theme.text, 0.45F);
    colors[ImGuiCol_PlotHistogram] = to_vec(theme.accent);
    colors[ImGuiCol_TextSelectedBg] = faint(theme.accent, 0.30F);
    colors[ImGuiCol_TextLink] = to_vec(theme.accent);
    colors[ImGuiCol_NavCursor] = to_vec(theme.accent);
    colors[ImGuiCol_InputTextCursor] = to_vec(theme.text);
}

// A 4-pixel grid.
void set_spacing(ImGuiStyle& style) {
    style.WindowPadding = {8, 8};
    style.FramePadding = {8, 4};
    style.ItemSpacing = {8, 4};
    style.ItemInnerSpacing = {4, 4};
    style.CellPadding = {4, 2};
    style.IndentSpacing = 16;
    style.ScrollbarSize = 12;
    style.FrameRounding = 4;
    style.FrameBorderSize = 1;
    style.PopupRounding = 4;
    style.WindowRounding = 4;
    style.TabRounding = 4;
    style.GrabRounding = 4;
    style.ScrollbarRounding = 6;
    style.WindowBorderSize = 1;
    style.PopupBorderSize = 1;
    style.TabBarOverlineSize = 2;
    style.DockingSeparatorSize = 3;
    style.WindowMenuButtonPosition = ImGuiDir_None;
}

}  // namespace

void apply_style(bool dark, float scale) {
    const Theme theme = screen_theme(dark);
    ImGuiStyle style;
    dark ? ImGui::StyleColorsDark(&style) : ImGui::StyleColorsLight(&style);
    set_surfaces(style, theme);
    set_controls(style, theme);
    set_spacing(style);
    style.ScaleAllSizes(scale);
    style.FontSizeBase = kTextSize;
    style.FontScaleMain = scale;
    ImGui::GetStyle() = style;
    dark ? ImPlot::StyleColorsDark() : ImPlot::StyleColorsLight();
    ImPlot::GetStyle().Colors[ImPlotCol_FrameBg] = {0, 0, 0, 0};
}

}  // namespace alluvium
