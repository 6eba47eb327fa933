#pragma once
#include <span>
#include <vector>

#include "base/json.h"
#include "model/tokenizer_training/learn_merges.h"
#include "model/tokenizer_training/train_tokenizer.h"

namespace alluvium {

// The words that the normalizer and pre-tokenizer of `definition` cut the texts into, in
// alphabetical order. Counts are weighted by language and scaled to whole numbers, at least a
// thousand for a single occurrence, so that no result depends on the rounding of sums.
std::vector<CountedWord> count_words(std::span<const LanguageText> texts, const Json& definition,
                                     LanguageWeight weight);

}  // namespace alluvium
