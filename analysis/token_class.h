#pragma once
// What kind of token it is: what languages differ in whatever the router does.
#include <cstdint>
#include <string_view>
#include <vector>

#include "captures/routing_trace.h"

namespace alluvium {

enum class TokenClass : std::uint8_t {
    no_text,       // the prompt was given as ids
    special,       // added by the template or tokenizer
    fragment,      // holds only part of a character
    digit,         // a decimal digit of any script and no letter
    punctuation,   // neither letter nor digit: marks, symbols, white space
    word_start,    // has a letter, and none stands before it
    continuation,  // has a letter, and the character before it is a letter too
};
inline constexpr std::size_t kTokenClasses = 7;

// "word_start", ...: as slices name it.
std::string_view to_string(TokenClass kind);

// Letters and digits as Unicode has them (general categories L*, M* and Nd). Bytes
// [begin, end) of `text`; both are cut to its length.
TokenClass class_of_text(std::string_view text, std::size_t begin, std::size_t end);

// One per row. `tokens` holds whole prompts, so that neighbours which share bytes of a character
// are seen; both are fragments.
std::vector<TokenClass> classify_tokens(const PromptTable& prompts, const TokenTable& tokens);

// The same for any rows of a trace. Generated tokens have no text where the trace does not say it.
std::vector<TokenClass> classes_of_rows(const RoutingTrace& trace, TokenRange range);

}  // namespace alluvium
