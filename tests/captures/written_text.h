#pragma once
// What a text is written in, by hand-written ranges, so that the assets are checked against
// something other than the libraries the program uses. Ranges: Unicode 15 block charts, for the
// scripts of assets/languages.json only.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/utf8.h"

namespace alluvium::test {

struct CodeRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

struct ScriptLetters {
    std::string_view script;  // ISO 15924
    std::vector<CodeRange> letters;
};

inline bool contains(std::span<const CodeRange> ranges, std::uint32_t c) {
    for (const CodeRange& range : ranges) {
        if (range.first <= c && c <= range.last) return true;
    }
    return false;
}

inline const std::vector<ScriptLetters>& script_letters() {
    static const std::vector<ScriptLetters> table = {
        {"Latn",
         {{'A', 'Z'},
          {'a', 'z'},
          {0x00c0, 0x00d6},
          {0x00d8, 0x00f6},
          {0x00f8, 0x02af},
          {0x1e00, 0x1eff}}},
        {"Cyrl", {{0x0400, 0x0481}, {0x048a, 0x052f}}},
        {"Hebr", {{0x05d0, 0x05ea}}},
        {"Arab", {{0x0620, 0x064a}, {0x066e, 0x06d3}, {0x06d5, 0x06d5}}},
        {"Deva", {{0x0904, 0x0939}, {0x093d, 0x093d}, {0x0950, 0x0950}, {0x0960, 0x0961}}},
        {"Thai", {{0x0e01, 0x0e30}, {0x0e32, 0x0e33}, {0x0e40, 0x0e46}}},
        {"Laoo", {{0x0e81, 0x0eb0}, {0x0eb2, 0x0eb3}, {0x0ebd, 0x0ec6}, {0x0edc, 0x0edf}}},
        {"Hang", {{0xac00, 0xd7a3}}},
        {"Hans", {{0x4e00, 0x9fff}}},
        {"Jpan", {{0x3005, 0x3005}, {0x3041, 0x3096}, {0x30a1, 0x30fe}, {0x4e00, 0x9fff}}},
    };
    return table;
}

// Marks, punctuation and symbols that the prompts use; nothing here says which language it is.
inline bool is_no_letter(std::uint32_t c) {
    static const std::vector<CodeRange> others = {
        {0x0000, 0x0040}, {0x005b, 0x0060}, {0x007b, 0x00bf}, {0x0300, 0x036f}, {0x060c, 0x061f},
        {0x064b, 0x0655}, {0x0900, 0x0903}, {0x093a, 0x093c}, {0x093e, 0x094f}, {0x0964, 0x0965},
        {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x0eb1, 0x0eb1}, {0x0eb4, 0x0ebc},
        {0x0ec8, 0x0ece}, {0x2010, 0x2027}, {0x3001, 0x3003}, {0xff01, 0xff20}};
    return contains(others, c);
}

// The code points of valid UTF-8.
inline std::vector<std::uint32_t> code_points(std::string_view text) {
    std::vector<std::uint32_t> out;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Char c = decode_utf8(text, at);
        if (c.bytes == 0) break;
        out.push_back(c.code_point);
        at += c.bytes;
    }
    return out;
}

// Share of the letters of `text` that belong to `script`; whatever is neither a known letter nor a
// known mark or sign counts as a letter of another script. 0 where there is no letter at all.
inline double script_share(std::string_view text, std::string_view script) {
    std::size_t letters = 0;
    std::size_t matching = 0;
    for (const std::uint32_t c : code_points(text)) {
        if (is_no_letter(c)) continue;
        ++letters;
        for (const ScriptLetters& row : script_letters()) {
            if (row.script == script && contains(row.letters, c)) ++matching;
        }
    }
    return letters == 0 ? 0.0 : static_cast<double>(matching) / static_cast<double>(letters);
}

// Canonical combining class of the marks that the scripts above use (UnicodeData.txt, field 3).
inline std::uint32_t combining_class(std::uint32_t c) {
    if (c == 0x093c) return 7;                                // Devanagari nukta
    if (c == 0x094d || c == 0x0e3a || c == 0x0eba) return 9;  // viramas
    if (c >= 0x064b && c <= 0x0652) return c - 0x064b + 27;   // Arabic vowel signs
    if (c == 0x0e38 || c == 0x0e39) return 103;               // Thai u
    if (c >= 0x0e48 && c <= 0x0e4b) return 107;               // Thai tones
    if (c == 0x0eb8 || c == 0x0eb9) return 118;               // Lao u
    if (c >= 0x0ec8 && c <= 0x0ecb) return 122;               // Lao tones
    return 0;
}

// True only for text in Unicode normalization form C. Stricter than NFC: it refuses every mark that
// could compose with what precedes it and every character that normalization takes apart, whether
// or not it would in this place, and every mark whose class it does not know. Enough for texts that
// have no reason to hold any of them.
inline bool is_surely_nfc(std::string_view text) {
    static const std::vector<CodeRange> refused = {
        {0x0300, 0x036f},                     // combining accents of Latin and Cyrillic
        {0x0591, 0x05c7}, {0x0653, 0x0655},   // Hebrew points, Arabic madda and hamza
        {0x0958, 0x095f},                     // Devanagari letters with nukta: never composed
        {0x1100, 0x11ff},                     // Hangul letters outside a syllable
        {0x2126, 0x212b},                     // ohm, kelvin, angstrom signs
        {0x3099, 0x309a},                     // Japanese voicing marks
        {0xf900, 0xfaff}, {0xfb1d, 0xfb4f}};  // compatibility ideographs, Hebrew forms
    std::uint32_t before = 0;
    std::uint32_t class_before = 0;
    for (const std::uint32_t c : code_points(text)) {
        if (contains(refused, c)) return false;
        const bool composes_with_nukta = before == 0x0928 || before == 0x0930 || before == 0x0933;
        if (c == 0x093c && composes_with_nukta) return false;
        const std::uint32_t current = combining_class(c);
        if (current != 0 && class_before > current) return false;
        before = c;
        class_before = current;
    }
    return true;
}

}  // namespace alluvium::test
