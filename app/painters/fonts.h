#pragma once
#include <string>
#include <vector>

namespace alluvium {

struct FontNeed {
    std::string family;  // as fontconfig names it
    std::string covers;  // the scripts that would be missing without it
    bool present = false;
};

// The font families that show the 50 languages, and whether this machine has them.
std::vector<FontNeed> needed_fonts();

}  // namespace alluvium
