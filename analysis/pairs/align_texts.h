#pragma once
// Which words of one text stand for which words of another: the words that both have in the same
// order (a longest common subsequence), and between them what differs.
#include <cstdint>
#include <string_view>
#include <vector>

namespace alluvium {

// Bytes [begin, end) of a text: white space up to `word`, then what is compared.
struct TextSpan {
    std::uint32_t begin = 0, word = 0, end = 0;

    bool empty() const { return word == end; }
    bool operator==(const TextSpan&) const = default;
};

struct SpanPair {
    TextSpan a, b;  // one of them may be empty: nothing stands for it on that side
    bool equal = false;

    bool operator==(const SpanPair&) const = default;
};

// Words, and marks that stand alone, as Unicode divides text (UAX 29; with dictionaries where a
// script puts no space between words). Covers all bytes but white space at the end.
std::vector<TextSpan> split_words(std::string_view text);

// In the order of the texts. An equal pair is one word. A stretch that differs is one pair, or word
// beside word where both sides have as many: a text in another script.
std::vector<SpanPair> align_texts(std::string_view a, std::string_view b);

}  // namespace alluvium
