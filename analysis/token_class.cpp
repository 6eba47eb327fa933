#include "analysis/token_class.h"

#include <algorithm>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "captures/generated_text.h"

namespace alluvium {
namespace {

bool is_letter(std::uint32_t c) {
    const auto code = static_cast<UChar32>(c);
    // Vowel signs and accents belong to the word that they stand in.
    return (U_GET_GC_MASK(code) & (U_GC_L_MASK | U_GC_M_MASK)) != 0;
}

bool is_digit(std::uint32_t c) {
    return u_isdigit(static_cast<UChar32>(c)) != 0;
}

bool letter_before(std::string_view text, std::size_t begin) {
    if (begin == 0) return false;
    std::size_t at = begin - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u) --at;
    const Utf8Char c = decode_utf8(text, at);
    return c.bytes > 0 && is_letter(c.code_point);
}

bool overlap(const TokenTable& tokens, std::size_t a, std::size_t b) {
    return tokens.prompt[a] == tokens.prompt[b] && tokens.byte_begin[a] < tokens.byte_end[b] &&
           tokens.byte_begin[b] < tokens.byte_end[a];
}

}  // namespace

std::string_view to_string(TokenClass kind) {
    switch (kind) {
        case TokenClass::no_text:
            return "no_text";
        case TokenClass::special:
            return "special";
        case TokenClass::fragment:
            return "fragment";
        case TokenClass::digit:
            return "digit";
        case TokenClass::punctuation:
            return "punctuation";
        case TokenClass::word_start:
            return "word_start";
        case TokenClass::continuation:
            return "continuation";
    }
    return "";
}

TokenClass class_of_text(std::string_view text, std::size_t begin, std::size_t end) {
    end = std::min(end, text.size());
    begin = std::min(begin, end);
    bool letters = false, digits = false, first_is_letter = false;
    for (std::size_t at = begin; at < end;) {
        const Utf8Char c = decode_utf8(text, at);
        const bool letter = c.bytes > 0 && is_letter(c.code_point);
        if (at == begin) first_is_letter = letter;
        letters = letters || letter;
        digits = digits || (c.bytes > 0 && is_digit(c.code_point));
        at += std::max(c.bytes, 1u);
    }
    if (!letters) return digits ? TokenClass::digit : TokenClass::punctuation;
    const bool goes_on = first_is_letter && letter_before(text, begin);
    return goes_on ? TokenClass::continuation : TokenClass::word_start;
}

std::vector<TokenClass> classify_tokens(const PromptTable& prompts, const TokenTable& tokens) {
    std::vector<TokenClass> classes(tokens.size(), TokenClass::no_text);
    std::string text;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        if (i == 0 || tokens.prompt[i] != tokens.prompt[i - 1]) {
            text = whole_text(prompts, tokens.prompt[i]);
        }
        if (!tokens.special.empty() && tokens.special[i] != 0) {
            classes[i] = TokenClass::special;
            continue;
        }
        const bool generated = !tokens.phase.empty() && tokens.phase[i] != kPhasePrompt;
        const bool has_text =
            generated ? stands_in_text(tokens, i) : !prompts.text[tokens.prompt[i]].empty();
        if (!has_text) continue;
        const bool shares = (i > 0 && overlap(tokens, i - 1, i)) ||
                            (i + 1 < classes.size() && overlap(tokens, i, i + 1));
        classes[i] = shares ? TokenClass::fragment
                            : class_of_text(text, tokens.byte_begin[i], tokens.byte_end[i]);
    }
    return classes;
}

std::vector<TokenClass> classes_of_rows(const RoutingTrace& trace, TokenRange range) {
    // A neighbour on each side too: one may share a character with the first or the last row.
    const TokenRange wider{range.begin - (range.begin > 0 ? 1 : 0),
                           std::min(range.end + 1, trace.header().token_count)};
    const TokenTable tokens = trace.tokens(wider);
    std::vector<TokenClass> classes = classify_tokens(trace.header().prompts, tokens);
    const auto first = classes.begin() + static_cast<std::ptrdiff_t>(range.begin - wider.begin);
    return {first, first + static_cast<std::ptrdiff_t>(range.size())};
}

}  // namespace alluvium
