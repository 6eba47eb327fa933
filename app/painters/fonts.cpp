#include "app/painters/fonts.h"

#include <set>

#include <pango/pangocairo.h>

namespace alluvium {
namespace {

std::set<std::string> installed_families() {
    PangoFontFamily** families = nullptr;
    int count = 0;
    pango_font_map_list_families(pango_cairo_font_map_get_default(), &families, &count);
    std::set<std::string> names;
    for (int i = 0; i < count; ++i) names.insert(pango_font_family_get_name(families[i]));
    g_free(families);
    return names;
}

}  // namespace

std::vector<FontNeed> needed_fonts() {
    std::vector<FontNeed> fonts = {
        {"Noto Sans", "Latin, Cyrillic, Greek"},
        {"Noto Sans Arabic", "Arabic, Sorani Kurdish"},
        {"Noto Sans Hebrew", "Hebrew"},
        {"Noto Sans Devanagari", "Hindi, Nepali, Maithili, Sanskrit, Dogri"},
        {"Noto Sans Thai", "Thai"},
        {"Noto Sans Lao", "Lao"},
        {"Noto Sans CJK SC", "Chinese"},
        {"Noto Sans CJK JP", "Japanese"},
        {"Noto Sans CJK KR", "Korean"},
    };
    const std::set<std::string> installed = installed_families();
    for (FontNeed& font : fonts) font.present = installed.contains(font.family);
    return fonts;
}

}  // namespace alluvium
