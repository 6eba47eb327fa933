#pragma once
// The font files that the window draws with, found through fontconfig.
#include <string>
#include <vector>

namespace alluvium {

struct FontFile {
    std::string family;
    std::string path;
    int face = 0;  // index inside a collection
};

struct UiFonts {
    FontFile regular;
    FontFile bold;
    std::vector<FontFile> fallbacks;   // in the order in which a missing glyph is looked for
    std::vector<std::string> missing;  // families that this machine does not have
};

// The Debian packages that hold all of them.
inline constexpr const char* kFontPackages = "fonts-noto-core fonts-noto-cjk";

// UserError naming the packages where not even the text font is there.
UiFonts find_ui_fonts();

}  // namespace alluvium
