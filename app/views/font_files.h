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
    std::vector<FontFile> fallbacks;   // in the list's order
    std::vector<std::string> missing;  // families that this machine does not have
};

// The files of kFontFamilies (app/painters/fonts.h); of families that share a file, which then
// holds the glyphs of all of them, the first. UserError naming the packages where not even the text
// font is there.
UiFonts find_ui_fonts();

}  // namespace alluvium
