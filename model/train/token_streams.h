#pragma once
// Texts as one long row of tokens per language.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

class Tokenizer;

struct StreamText {
    std::int64_t end = 0;     // place in the stream after the text's last token
    std::uint64_t bytes = 0;  // 0: given as token ids
};

struct TokenStream {
    std::string language;      // label of the prompt file
    std::int64_t expert = -1;  // that the language belongs to; -1: none
    std::vector<std::int64_t>
        ids;  // all texts, each followed by the end-of-text token if there is one
    std::uint64_t texts = 0;
    std::uint64_t bytes = 0;        // of the texts
    std::vector<StreamText> parts;  // [texts]
};

struct StreamOptions {
    // The expert of a language, -1 for none.
    std::function<std::int64_t(const std::string& language)> expert_of;
    std::uint64_t seed = 1;  // of the order of the texts
};

// One stream per language, in alphabetical order of labels, the texts of each in random order.
// `tokenizer` may be null where every prompt is token ids. UserError names the text that cannot be
// tokenized, and where no text has more than one token.
std::vector<TokenStream> token_streams(const std::vector<Prompt>& prompts,
                                       const Tokenizer* tokenizer, const StreamOptions& options);

}  // namespace alluvium
