#pragma once
// What a tokenizer makes of a group's text, which every comparison of languages depends on.
#include <span>
#include <string_view>

#include "analysis/estimate.h"
#include "analysis/token_selection.h"

namespace alluvium {

struct TextCounts {
    double characters = 0;  // code points, white space aside
    double words = 0;       // separated by white space
    double unspaced = 0;    // characters of scripts that put no space between words
};

TextCounts count_text(std::string_view text);

struct TextStatistics {
    // Tokens per word, at best 1; missing where most characters belong to scripts without spaces
    // between words (Han, kana, Thai, Lao, Khmer, Burmese, Tibetan).
    double fertility = kMissing;
    double tokens_per_character = kMissing;
    double byte_fragments = kMissing;  // share of the tokens that hold only part of a character
};

// Over prompts given by index. Of a truncated prompt the covered text counts. Prompts without text
// (given as ids) are left out; all missing where no other is there.
TextStatistics text_statistics(const PromptTable& table, const TokenSelection& selection,
                               std::span<const std::uint32_t> prompts);

}  // namespace alluvium
