#include "model/flow/words.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "base/utf8.h"

namespace alluvium {
namespace {

std::vector<ScoredToken> ranked(const at::Tensor& scores, std::size_t count, bool from_top,
                                const Tokenizer* tokenizer) {
    const std::int64_t n = std::min(static_cast<std::int64_t>(count), scores.size(0));
    const auto [values, places] = scores.to(at::kCPU, at::kDouble).topk(n, 0, from_top);
    std::vector<ScoredToken> tokens;
    for (std::int64_t i = 0; i < n; ++i) {
        const auto id = static_cast<std::uint32_t>(places[i].item<std::int64_t>());
        tokens.push_back({{id, word_of(tokenizer, id)}, values[i].item<double>()});
    }
    return tokens;
}

}  // namespace

std::string word_of(const Tokenizer* tokenizer, std::uint32_t id) {
    const std::string number = "[" + std::to_string(id) + "]";
    if (tokenizer == nullptr) return number;
    const std::string text = tokenizer->decode({id});
    const bool readable = !text.empty() && !first_invalid_utf8(text) &&
                          text.find("\xEF\xBF\xBD") == std::string::npos;
    return readable ? text : number;
}

std::vector<ScoredToken> largest(const at::Tensor& scores, std::size_t count,
                                 const Tokenizer* tokenizer) {
    return ranked(scores, count, true, tokenizer);
}

std::vector<ScoredToken> smallest(const at::Tensor& scores, std::size_t count,
                                  const Tokenizer* tokenizer) {
    return ranked(scores, count, false, tokenizer);
}

}  // namespace alluvium
