#include "analysis/text_statistics.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/utf8.h"

namespace alluvium {
namespace {

struct CodeRange {
    std::uint32_t first, last;
    bool contains(std::uint32_t c) const { return c >= first && c <= last; }
};

// Unicode's White_Space property.
bool is_space(std::uint32_t c) {
    constexpr std::array ranges = {CodeRange{0x09, 0x0d},     CodeRange{0x20, 0x20},
                                   CodeRange{0x85, 0x85},     CodeRange{0xa0, 0xa0},
                                   CodeRange{0x1680, 0x1680}, CodeRange{0x2000, 0x200a},
                                   CodeRange{0x2028, 0x2029}, CodeRange{0x202f, 0x202f},
                                   CodeRange{0x205f, 0x205f}, CodeRange{0x3000, 0x3000}};
    return std::any_of(ranges.begin(), ranges.end(), [c](CodeRange r) { return r.contains(c); });
}

// Blocks of scripts without spaces between words.
bool is_unspaced(std::uint32_t c) {
    constexpr std::array ranges = {CodeRange{0x0e00, 0x0eff},  // Thai, Lao
                                   CodeRange{0x0f00, 0x109f},  // Tibetan, Burmese
                                   CodeRange{0x1780, 0x17ff},  // Khmer
                                   CodeRange{0x2e80, 0x30ff},  // radicals, CJK punctuation, kana
                                   CodeRange{0x31f0, 0x31ff},  // kana extensions
                                   CodeRange{0x3400, 0x9fff},  // Han
                                   CodeRange{0xf900, 0xfaff},  // Han, compatibility
                                   CodeRange{0xff00, 0xff9f},  // full-width forms, half-width kana
                                   CodeRange{0x20000, 0x323af}};  // Han, extensions
    return std::any_of(ranges.begin(), ranges.end(), [c](CodeRange r) { return r.contains(c); });
}

}  // namespace

TextCounts count_text(std::string_view text) {
    TextCounts counts;
    bool in_word = false;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Char c = decode_utf8(text, at);
        at += std::max(c.bytes, 1u);
        const bool space = c.bytes > 0 && is_space(c.code_point);
        if (!space) {
            counts.characters += 1;
            counts.words += in_word ? 0 : 1;
            counts.unspaced += is_unspaced(c.code_point) ? 1 : 0;
        }
        in_word = !space;
    }
    return counts;
}

TextStatistics text_statistics(const PromptTable& table, const TokenSelection& selection,
                               std::span<const std::uint32_t> prompts) {
    TextCounts text;
    double tokens = 0, fragments = 0;
    for (const std::uint32_t p : prompts) {
        const PromptTokens& counts = selection.prompts[p];
        if (counts.covered_bytes == 0) continue;
        const TextCounts own =
            count_text(std::string_view(table.text[p]).substr(0, counts.covered_bytes));
        text.characters += own.characters;
        text.words += own.words;
        text.unspaced += own.unspaced;
        tokens += counts.text_tokens;
        fragments += counts.fragments;
    }
    if (tokens == 0 || text.characters == 0) return {};
    const bool spaced = 2 * text.unspaced < text.characters;
    return {spaced ? tokens / text.words : kMissing, tokens / text.characters, fragments / tokens};
}

}  // namespace alluvium
