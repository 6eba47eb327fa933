#include "app/painters/screen_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>

#include <imgui_internal.h>

#include "app/painters/block_metrics.h"
#include "base/utf8.h"

namespace alluvium {
namespace {

// More than any view shows at once; a texture of a line is some tens of kilobytes.
constexpr std::size_t kMostEntries = 800;

float line_height(const TextStyle& style) {
    return static_cast<float>(style.size * kLineOfEm);
}

struct CodeRange {
    std::uint32_t first, last;
};

// Scripts that are written glyph after glyph, by Unicode block; combining marks and invisible
// controls of direction are left out.
constexpr std::array<CodeRange, 7> kPlain{{{0x0000, 0x02ff},    // Latin
                                           {0x0370, 0x0482},    // Greek, Cyrillic
                                           {0x048a, 0x058f},    // Cyrillic, Armenian
                                           {0x10a0, 0x10ff},    // Georgian
                                           {0x1e00, 0x1fff},    // Latin and Greek with marks
                                           {0x2010, 0x2027},    // punctuation
                                           {0x2030, 0x2bff}}};  // punctuation, symbols

bool is_plain(std::uint32_t c) {
    return std::any_of(kPlain.begin(), kPlain.end(),
                       [c](CodeRange range) { return c >= range.first && c <= range.last; }) &&
           !(c >= 0x2060 && c <= 0x206f);
}

std::string key_of(const TextBlock& block, Color color) {
    char head[96];
    std::snprintf(head, sizeof head, "%.1f %.1f %d%d %02x%02x%02x%02x %s|", block.style.size,
                  block.width, block.style.bold, block.style.tabular, color.r, color.g, color.b,
                  color.a, block.style.language.c_str());
    return head + block.text;
}

ImTextureData* make_texture(const RgbaImage& image) {
    auto* texture = IM_NEW(ImTextureData)();
    texture->Create(ImTextureFormat_RGBA32, image.width, image.height);
    std::memcpy(texture->Pixels, image.pixels.data(), image.pixels.size());
    texture->UseColors = true;
    texture->SetStatus(ImTextureStatus_WantCreate);
    ImGui::RegisterUserTexture(texture);
    return texture;
}

}  // namespace

bool needs_shaping(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Char c = decode_utf8(text, at);
        if (c.bytes == 0 || !is_plain(c.code_point)) return true;
        at += c.bytes;
    }
    return false;
}

ScreenText::~ScreenText() {
    for (Entry& entry : entries_) {
        if (entry.texture != nullptr) dying_.push_back(entry.texture);
    }
    for (ImTextureData* texture : dying_) {
        ImGui::UnregisterUserTexture(texture);
        IM_DELETE(texture);
    }
}

void ScreenText::new_frame() {
    std::erase_if(dying_, [](ImTextureData* texture) {
        if (texture->Status != ImTextureStatus_Destroyed) return false;
        ImGui::UnregisterUserTexture(texture);
        IM_DELETE(texture);
        return true;
    });
    const int frame = ImGui::GetFrameCount();
    while (entries_.size() > kMostEntries && entries_.back().last_used < frame - 1) {
        if (entries_.back().texture != nullptr) let_go(entries_.back().texture);
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
}

void ScreenText::let_go(ImTextureData* texture) {
    // The flag keeps ImGui from making it anew; the renderer frees it with the next frame it draws.
    texture->WantDestroyNextFrame = true;
    texture->UnusedFrames = 1;
    texture->SetStatus(texture->TexID == ImTextureID_Invalid ? ImTextureStatus_Destroyed
                                                             : ImTextureStatus_WantDestroy);
    dying_.push_back(texture);
}

ScreenText::Entry& ScreenText::find(const TextBlock& block, Color color) {
    std::string key = key_of(block, color);
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
    } else {
        const BlockMetrics metrics = block_metrics(block);
        Entry entry;
        entry.key = key;
        entry.size = {static_cast<float>(metrics.size.width),
                      static_cast<float>(metrics.size.height)};
        entry.baseline = static_cast<float>(metrics.baseline);
        entries_.push_front(std::move(entry));
        by_key_[std::move(key)] = entries_.begin();
    }
    entries_.front().last_used = ImGui::GetFrameCount();
    return entries_.front();
}

void ScreenText::draw_entry(ImDrawList& list, ImVec2 at, const TextBlock& block, Entry& entry,
                            Color color) {
    if (entry.texture == nullptr) {
        const TextImage made = rasterize_text(block, color);
        entry.corner = {-static_cast<float>(made.origin.x), -static_cast<float>(made.origin.y)};
        entry.texture = make_texture(made.image);
    }
    // On whole pixels: the image is sharp only there.
    const ImVec2 corner(std::round(at.x + entry.corner.x), std::round(at.y + entry.corner.y));
    list.AddImage(entry.texture->GetTexRef(), corner,
                  {corner.x + static_cast<float>(entry.texture->Width),
                   corner.y + static_cast<float>(entry.texture->Height)});
}

void ScreenText::draw(ImDrawList& list, ImVec2 at, std::string_view text, const TextStyle& style,
                      Color color) {
    if (text.empty()) return;
    if (needs_shaping(text)) {
        const TextBlock block{std::string(text), style, 0};
        Entry& entry = find(block, color);
        draw_entry(list, {at.x, at.y - entry.baseline}, block, entry, color);
        return;
    }
    ImFont* const face = font(style.bold);
    const float size = line_height(style);
    const float ascent = face->GetFontBaked(size)->Ascent;
    list.AddText(face, size, {at.x, std::round(at.y - ascent)}, to_im(color), text.data(),
                 text.data() + text.size());
}

ImVec2 ScreenText::measure(std::string_view text, const TextStyle& style) {
    if (needs_shaping(text)) return find({std::string(text), style, 0}, {}).size;
    return font(style.bold)
        ->CalcTextSizeA(line_height(style), FLT_MAX, 0, text.data(), text.data() + text.size());
}

void ScreenText::draw_block(ImDrawList& list, ImVec2 at, const TextBlock& block, Color color) {
    if (!block.text.empty()) draw_entry(list, at, block, find(block, color), color);
}

}  // namespace alluvium
