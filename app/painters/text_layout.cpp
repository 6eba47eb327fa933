#include "app/painters/text_layout.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "app/painters/image_surface.h"
#include "base/utf8.h"

namespace alluvium {
namespace {

// The same ideograph has different forms; the font must be the one of the text's language.
std::string cjk_family(std::string tag) {
    std::transform(tag.begin(), tag.end(), tag.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto has = [&](std::string_view part) { return tag.find(part) != std::string::npos; };
    if (tag.starts_with("ja")) return "Noto Sans CJK JP";
    if (tag.starts_with("ko")) return "Noto Sans CJK KR";
    if (has("hk") || has("-mo") || tag.starts_with("yue")) return "Noto Sans CJK HK";
    if (has("hant") || has("-tw") || has("_tw")) return "Noto Sans CJK TC";
    return "Noto Sans CJK SC";
}

// Named one by one: without that, fontconfig falls back to other designs for some scripts.
std::string families(const std::string& language) {
    static const std::string scripts =
        "Noto Sans, Noto Sans Arabic, Noto Sans Hebrew, Noto Sans Devanagari, Noto Sans Bengali, "
        "Noto Sans Gurmukhi, Noto Sans Gujarati, Noto Sans Oriya, Noto Sans Tamil, "
        "Noto Sans Telugu, Noto Sans Kannada, Noto Sans Malayalam, Noto Sans Sinhala, "
        "Noto Sans Thai, Noto Sans Lao, Noto Sans Khmer, Noto Sans Myanmar, Noto Sans Ethiopic, "
        "Noto Sans Georgian, Noto Sans Armenian, ";
    return scripts + cjk_family(language) +
           ", Noto Sans Symbols, Noto Sans Symbols 2, "
           "Noto Sans Math, Noto Color Emoji";
}

// Fonts and contexts belong to their thread.
PangoContext* context() {
    static thread_local const std::unique_ptr<PangoContext, Unref> mine = [] {
        PangoContext* made = pango_font_map_create_context(pango_cairo_font_map_get_default());
        pango_cairo_context_set_resolution(made, 72);  // a point is one unit of the drawing
        // Glyphs stand where the outline says, at every zoom: measured once, painted anywhere.
        pango_context_set_round_glyph_positions(made, FALSE);
        cairo_font_options_t* options = cairo_font_options_create();
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
        pango_cairo_context_set_font_options(made, options);
        cairo_font_options_destroy(options);
        return std::unique_ptr<PangoContext, Unref>(made);
    }();
    return mine.get();
}

// Pango replaces malformed text by its own rules and complains; here every byte keeps its place.
std::string showable(std::string_view text) {
    std::string out(text);
    for (std::size_t at = 0; at < out.size();) {
        const Utf8Char c = decode_utf8(out, at);
        if (c.bytes == 0 || c.code_point == 0) out[at] = '?';
        at += std::max<std::size_t>(c.bytes, 1);
    }
    return out;
}

void set_font(PangoLayout* layout, const TextStyle& style) {
    PangoFontDescription* font = pango_font_description_new();
    pango_font_description_set_family(font, families(style.language).c_str());
    pango_font_description_set_size(font, static_cast<int>(std::lround(style.size * PANGO_SCALE)));
    if (style.bold) pango_font_description_set_weight(font, PANGO_WEIGHT_SEMIBOLD);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);

    PangoAttrList* attributes = pango_attr_list_new();
    const char* tag = style.language.empty() ? "en" : style.language.c_str();
    pango_attr_list_insert(attributes, pango_attr_language_new(pango_language_from_string(tag)));
    if (style.tabular) pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1"));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
}

}  // namespace

LayoutPtr make_layout(const TextBlock& block) {
    LayoutPtr layout(pango_layout_new(context()));
    const std::string text = showable(block.text);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    set_font(layout.get(), block.style);
    if (block.width > 0) {
        pango_layout_set_width(layout.get(), static_cast<int>(block.width * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    } else {
        pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    }
    return layout;
}

LayoutPtr make_label(std::string_view text, const TextStyle& style) {
    return make_layout({std::string(text), style, 0});
}

FontCheck check_fonts(const TextBlock& block) {
    const LayoutPtr layout = make_layout(block);
    std::set<std::string> families;
    PangoLayoutIter* iter = pango_layout_get_iter(layout.get());
    do {
        const PangoLayoutRun* run = pango_layout_iter_get_run_readonly(iter);
        if (run == nullptr) continue;
        PangoFontDescription* font = pango_font_describe(run->item->analysis.font);
        families.insert(pango_font_description_get_family(font));
        pango_font_description_free(font);
    } while (pango_layout_iter_next_run(iter));
    pango_layout_iter_free(iter);
    const int missing = pango_layout_get_unknown_glyphs_count(layout.get());
    return {{families.begin(), families.end()}, static_cast<std::size_t>(missing)};
}

TextMeter pango_meter() {
    return [](std::string_view text, const TextStyle& style) {
        const LayoutPtr layout = make_label(text, style);
        PangoRectangle logical;
        pango_layout_get_extents(layout.get(), nullptr, &logical);
        return Size{from_pango(logical.width), from_pango(logical.height)};
    };
}

TextImage rasterize_text(const TextBlock& block, Color color) {
    const LayoutPtr layout = make_layout(block);
    PangoRectangle ink, logical;
    pango_layout_get_extents(layout.get(), &ink, &logical);
    // One pixel more on every side: antialiasing bleeds.
    const double left = std::floor(from_pango(std::min(ink.x, logical.x))) - 1;
    const double top = std::floor(from_pango(std::min(ink.y, logical.y))) - 1;
    const double right =
        std::ceil(from_pango(std::max(ink.x + ink.width, logical.x + logical.width))) + 1;
    const double bottom =
        std::ceil(from_pango(std::max(ink.y + ink.height, logical.y + logical.height))) + 1;

    const ImageSurface surface(static_cast<int>(right - left), static_cast<int>(bottom - top));
    cairo_t* cr = surface.cr();
    cairo_translate(cr, -left, -top);
    cairo_set_source_rgba(cr, color.r / 255.0, color.g / 255.0, color.b / 255.0, color.a / 255.0);
    pango_cairo_show_layout(cr, layout.get());
    return {surface.image(), {-left, -top}};
}

}  // namespace alluvium
