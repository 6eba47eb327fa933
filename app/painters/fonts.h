#pragma once
// The fonts that figures and the window draw with: the one list of them.
#include <array>
#include <string>
#include <vector>

namespace alluvium {

struct FontFamily {
    const char* name;    // as fontconfig names it
    const char* covers;  // what would be missing without it
};

// The text font, then one family per script of the 50 languages, then signs, in the order in which
// a glyph that the text font lacks is looked for.
inline constexpr std::array kFontFamilies = {
    FontFamily{"Noto Sans", "Latin, Cyrillic, Greek"},
    FontFamily{"Noto Sans CJK SC", "Chinese"},
    FontFamily{"Noto Sans CJK JP", "Japanese"},
    FontFamily{"Noto Sans CJK KR", "Korean"},
    FontFamily{"Noto Sans Arabic", "Arabic, Sorani Kurdish"},
    FontFamily{"Noto Sans Hebrew", "Hebrew"},
    FontFamily{"Noto Sans Devanagari", "Hindi, Nepali, Maithili, Sanskrit, Dogri"},
    FontFamily{"Noto Sans Thai", "Thai"},
    FontFamily{"Noto Sans Lao", "Lao"},
    FontFamily{"Noto Sans Math", "mathematical signs"},
    FontFamily{"Noto Sans Symbols", "signs and arrows"},
    FontFamily{"Noto Sans Symbols2", "signs and arrows"},
};

// The Debian packages that hold all of them.
inline constexpr const char* kFontPackages = "fonts-noto-core fonts-noto-cjk";

struct FontNeed {
    std::string family;
    std::string covers;
    bool present = false;
};

// All of kFontFamilies, and whether this machine has them.
std::vector<FontNeed> needed_fonts();

}  // namespace alluvium
