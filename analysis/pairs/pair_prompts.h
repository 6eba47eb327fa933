#pragma once
// The prompts of a minimal pair: two texts of which one thing differs, and edits that change no
// meaning, as the measure of what any edit at that place does to the routing behind it.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

// The column of a prompt's part in a pair.
inline constexpr const char* kPairColumn = "pair";
inline constexpr const char* kFirstOfPair = "a";
inline constexpr const char* kSecondOfPair = "b";
inline constexpr const char* kNeutralEdit = "neutral";

// With 19, a change larger than under every one of them has p = 1/20.
inline constexpr std::size_t kNeutralEdits = 19;

struct PairTexts {
    std::string a, b;
    std::string language_a, language_b;  // labels; may be empty
};

// `text` once more with the words from the first to the last that differ from `other` in quotation
// marks, brackets and the like, one kind each, or with more white space around: the words stay.
// Where nothing of `text` differs (words were inserted), the word behind the place is taken.
std::vector<std::string> neutral_edits(std::string_view text, std::string_view other);

// `a`, `b` and the neutral edits of `a`. UserError where the texts have the same words, or one has
// none.
std::vector<Prompt> pair_prompts(const PairTexts& texts);

}  // namespace alluvium
