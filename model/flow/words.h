#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "captures/information_flow.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {

// A token as text; "[id]" without a tokenizer or where its bytes are no characters of their own.
std::string word_of(const Tokenizer* tokenizer, std::uint32_t id);

// The `count` tokens with the largest or smallest of the scores [V], best first.
std::vector<ScoredToken> largest(const at::Tensor& scores, std::size_t count,
                                 const Tokenizer* tokenizer);
std::vector<ScoredToken> smallest(const at::Tensor& scores, std::size_t count,
                                  const Tokenizer* tokenizer);

}  // namespace alluvium
