#pragma once
// A byte-level BPE tokenizer of a corpus's own, in the form of the reference library's
// tokenizer.json.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/json.h"
#include "base/progress.h"
#include "model/tokenizer_training/language_weight.h"

namespace alluvium {

struct LanguageText {
    std::string_view text;
    std::string_view language;  // any label
};

struct TokenizerTraining {
    std::size_t vocabulary = 8192;  // the end-of-text token included
    LanguageWeight weight = LanguageWeight::square_root;
};

struct TrainedTokenizer {
    nlohmann::ordered_json definition;  // tokenizer.json
    nlohmann::ordered_json config;      // tokenizer_config.json
    std::size_t vocabulary = 0;         // smaller than asked for where the corpus has no more pairs
    std::size_t words = 0;              // different words in the corpus
};

// Depends on the texts and the options only: the same bytes on every machine. Words are runs of
// letters with their combining marks and joiners (so that Devanagari, Arabic or Thai words stay
// whole), single digits, or runs of other characters, each with a space before it. UserError where
// the vocabulary cannot hold the 256 bytes and the end-of-text token, or a text is not UTF-8.
TrainedTokenizer train_tokenizer(std::span<const LanguageText> texts,
                                 const TokenizerTraining& options, Progress& progress);

// tokenizer.json and tokenizer_config.json in `folder`, which is made where it is missing.
void write_tokenizer(const TrainedTokenizer& tokenizer, const std::filesystem::path& folder);

inline constexpr const char* kEndOfText = "<|endoftext|>";

}  // namespace alluvium
