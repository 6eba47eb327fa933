#pragma once
// From words to tokens through a cache, spelling words in the byte alphabet where the pipeline
// asks for it.
#include "model/tokenizer/models/token_model.h"
#include "model/tokenizer/models/word_cache.h"

namespace alluvium {

class WordEncoder {
  public:
    // `model` must outlive it.
    WordEncoder(const TokenModel& model, bool spell_bytes)
        : model_(model), spell_bytes_(spell_bytes) {}

    // Appends the tokens of `word`, which is not empty; positions are bytes of `word`.
    void encode(std::string_view word, WordCache& cache, std::vector<WordToken>& out) const;

  private:
    void tokenize(std::string_view word, std::vector<WordToken>& out) const;

    const TokenModel& model_;
    bool spell_bytes_;
};

}  // namespace alluvium
