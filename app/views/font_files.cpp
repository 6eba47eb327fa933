#include "app/views/font_files.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include <fontconfig/fontconfig.h>

#include "app/painters/fonts.h"
#include "base/error.h"

namespace alluvium {
namespace {

constexpr const char* kTextFamily = kFontFamilies.front().name;

struct PatternDeleter {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};
using PatternPtr = std::unique_ptr<FcPattern, PatternDeleter>;

// The best file for a family, or nothing where fontconfig would answer with another family.
std::optional<FontFile> find_font(const char* family, int weight) {
    const PatternPtr wanted(FcPatternCreate());
    FcPatternAddString(wanted.get(), FC_FAMILY, reinterpret_cast<const FcChar8*>(family));
    FcPatternAddInteger(wanted.get(), FC_WEIGHT, weight);
    FcPatternAddInteger(wanted.get(), FC_SLANT, FC_SLANT_ROMAN);
    FcPatternAddInteger(wanted.get(), FC_WIDTH, FC_WIDTH_NORMAL);
    FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
    FcDefaultSubstitute(wanted.get());
    FcResult result = FcResultNoMatch;
    const PatternPtr found(FcFontMatch(nullptr, wanted.get(), &result));
    FcChar8 *path = nullptr, *name = nullptr;
    if (!found || FcPatternGetString(found.get(), FC_FILE, 0, &path) != FcResultMatch ||
        FcPatternGetString(found.get(), FC_FAMILY, 0, &name) != FcResultMatch ||
        std::string(family) != reinterpret_cast<const char*>(name)) {
        return std::nullopt;
    }
    int face = 0;
    FcPatternGetInteger(found.get(), FC_INDEX, 0, &face);
    // The upper bits number a variable font's instances.
    return FontFile{family, reinterpret_cast<const char*>(path), face & 0xffff};
}

}  // namespace

UiFonts find_ui_fonts() {
    const auto regular = find_font(kTextFamily, FC_WEIGHT_REGULAR);
    if (!regular) {
        throw UserError("the font Noto Sans is not installed",
                        std::string("apt-get install ") + kFontPackages);
    }
    // Semi-bold, as figures on paper have it.
    UiFonts fonts{.regular = *regular,
                  .bold = find_font(kTextFamily, FC_WEIGHT_DEMIBOLD).value_or(*regular),
                  .fallbacks = {},
                  .missing = {}};
    // What needs shaping is drawn by Pango; these serve fields that are being typed in.
    for (const FontFamily& family : std::span(kFontFamilies).subspan(1)) {
        const auto found = find_font(family.name, FC_WEIGHT_REGULAR);
        if (!found) {
            fonts.missing.emplace_back(family.name);
        } else if (std::ranges::find(fonts.fallbacks, found->path, &FontFile::path) ==
                   fonts.fallbacks.end()) {
            fonts.fallbacks.push_back(*found);
        }
    }
    return fonts;
}

}  // namespace alluvium
