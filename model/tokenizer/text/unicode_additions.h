#pragma once
// Code points that Unicode 15.0, 15.1 and 16.0 assigned. The regex library on the system may know
// only Unicode 14.0, the reference library knows 16.0; adding these to a class closes the gap, and
// adds nothing where the system is newer.
#include <cstdint>
#include <span>

namespace alluvium {

struct UnicodeAddition {
    std::uint32_t first = 0;
    std::uint32_t last = 0;     // inclusive
    const char* category = "";  // general category, two letters
    const char* script = "";    // only of scripts that existed before 15.0
};

std::span<const UnicodeAddition> unicode_additions();

// The category of `code_point` if it is one of the additions, else an empty string.
const char* added_category(std::uint32_t code_point);

}  // namespace alluvium
