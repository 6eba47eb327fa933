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
    const std::set<std::string> installed = installed_families();
    std::vector<FontNeed> fonts;
    for (const FontFamily& family : kFontFamilies) {
        fonts.push_back({family.name, family.covers, installed.contains(family.name)});
    }
    return fonts;
}

}  // namespace alluvium
