#pragma once
// Lines of text on the screen. Dear ImGui's own glyphs where a line needs no shaping; Pango's
// pixels in a texture where it does (right to left, Indic, Thai, marks that stack, CJK in the forms
// of the line's language).
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include <imgui.h>

#include "app/painters/text.h"

namespace alluvium {

// Whether ImGui's way, glyph after glyph from left to right, would be wrong for `text`.
bool needs_shaping(std::string_view text);

// Figures size text by its em, ImGui by its line: ascender and descender of Noto Sans, in ems.
inline constexpr double kLineOfEm = 1.069 + 0.293;

struct ScreenFonts {
    ImFont* regular = nullptr;
    ImFont* bold = nullptr;
};

// Owns the textures. Belongs to one ImGui context and its thread; to be destroyed after the
// renderer's backend was shut down and before the context is destroyed.
class ScreenText {
  public:
    explicit ScreenText(ScreenFonts fonts) : fonts_(fonts) {}
    ScreenText(const ScreenText&) = delete;
    ScreenText& operator=(const ScreenText&) = delete;
    ~ScreenText();

    // Once per frame, before anything is drawn: lets go of what was not used for long.
    void new_frame();

    // One line in any script; `style.size` in pixels, `at` the left end of its baseline.
    void draw(ImDrawList& list, ImVec2 at, std::string_view text, const TextStyle& style,
              Color color);
    // Advance width and line height, in pixels.
    ImVec2 measure(std::string_view text, const TextStyle& style);

    // Text as Pango lays it out, in pixels; `at` is the block's top left corner.
    void draw_block(ImDrawList& list, ImVec2 at, const TextBlock& block, Color color);
    ImVec2 measure_block(const TextBlock& block) { return find(block, {}).size; }

    ImFont* font(bool bold) const { return bold ? fonts_.bold : fonts_.regular; }
    std::size_t textures() const { return entries_.size() + dying_.size(); }

  private:
    struct Entry {
        std::string key;
        ImTextureData* texture = nullptr;  // null: measured only
        ImVec2 corner;                     // of the image, relative to the block's
        ImVec2 size;                       // of the block
        float baseline = 0;                // of the first line, below the block's top
        int last_used = 0;                 // frame
    };

    Entry& find(const TextBlock& block, Color color);
    void draw_entry(ImDrawList& list, ImVec2 at, const TextBlock& block, Entry& entry, Color color);
    void let_go(ImTextureData* texture);

    ScreenFonts fonts_;
    std::list<Entry> entries_;  // last used first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
    std::list<ImTextureData*> dying_;  // until the renderer has let go of them
};

inline ImU32 to_im(Color c) {
    return IM_COL32(c.r, c.g, c.b, c.a);
}

}  // namespace alluvium
