#include "model/tokenizer_training/language_weight.h"

#include <cmath>
#include <numeric>
#include <string>

#include "base/error.h"

namespace alluvium {
namespace {

double raw_share(std::uint64_t size, LanguageWeight weight) {
    if (size == 0) return 0;
    switch (weight) {
        case LanguageWeight::size:
            return static_cast<double>(size);
        case LanguageWeight::square_root:
            return std::sqrt(static_cast<double>(size));
        case LanguageWeight::equal:
            break;
    }
    return 1;
}

}  // namespace

LanguageWeight parse_language_weight(std::string_view word) {
    for (const auto weight :
         {LanguageWeight::size, LanguageWeight::square_root, LanguageWeight::equal}) {
        if (word == language_weight_word(weight)) return weight;
    }
    throw UserError("language weight '" + std::string(word) + "' is none of sqrt, equal, size");
}

std::string_view language_weight_word(LanguageWeight weight) {
    switch (weight) {
        case LanguageWeight::size:
            return "size";
        case LanguageWeight::square_root:
            return "sqrt";
        case LanguageWeight::equal:
            break;
    }
    return "equal";
}

std::vector<double> language_shares(std::span<const std::uint64_t> sizes, LanguageWeight weight) {
    std::vector<double> shares;
    for (const std::uint64_t size : sizes) shares.push_back(raw_share(size, weight));
    const double whole = std::accumulate(shares.begin(), shares.end(), 0.0);
    if (whole > 0) {
        for (double& share : shares) share /= whole;
    }
    return shares;
}

}  // namespace alluvium
