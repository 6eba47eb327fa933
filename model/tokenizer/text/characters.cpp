#include "model/tokenizer/text/characters.h"

#include <unicode/uchar.h>

#include "model/tokenizer/text/unicode_additions.h"

namespace alluvium {
namespace {

bool has_category(std::uint32_t c, std::uint32_t mask) {
    return (U_MASK(u_charType(static_cast<UChar32>(c))) & mask) != 0;
}

bool added_since_unicode_8(std::uint32_t c) {
    UVersionInfo age;
    u_charAge(static_cast<UChar32>(c), age);
    return age[0] > 8;
}

}  // namespace

bool is_white_space(std::uint32_t c) {
    if (c < 0x85) return c == ' ' || (c >= '\t' && c <= '\r');
    if (c < 0x1680) return c == 0x85 || c == 0xa0;
    return c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

bool is_word_character(std::uint32_t c) {
    if (u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_ALPHABETIC)) return true;
    if (has_category(c, U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) return true;
    const char* added = added_category(c);
    return c == 0x200c || c == 0x200d || added[0] == 'L' || added[0] == 'M' ||
           (added[0] == 'N' && added[1] != 'o');
}

bool is_numeric(std::uint32_t c) {
    // The reference's build knows two digit ranges of Unicode 17.0.
    return has_category(c, U_GC_N_MASK) || added_category(c)[0] == 'N' ||
           (c >= 0x11de0 && c <= 0x11de9) || (c >= 0x16ff4 && c <= 0x16ff6);
}

bool is_punctuation(std::uint32_t c) {
    if (c < 0x80) return c > ' ' && c < 0x7f && !u_isalnum(static_cast<UChar32>(c));
    // Both were punctuation until Unicode 11.0 made them something else.
    if (c == 0x166d || c == 0x111c9) return true;
    return has_category(c, U_GC_P_MASK) && !added_since_unicode_8(c);
}

}  // namespace alluvium
