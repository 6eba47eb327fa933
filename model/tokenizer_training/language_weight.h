#pragma once
// How much each language of a corpus counts.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace alluvium {

// A language's share of the whole grows with its size, with the square root of its size, or not at
// all.
enum class LanguageWeight { size, square_root, equal };

LanguageWeight parse_language_weight(
    std::string_view word);  // "size" | "sqrt" | "equal"; UserError
std::string_view language_weight_word(LanguageWeight weight);

// [languages] shares of the whole, adding up to 1 (up to rounding), of languages of `sizes` bytes
// or tokens. A language of size 0 has the share 0.
std::vector<double> language_shares(std::span<const std::uint64_t> sizes, LanguageWeight weight);

}  // namespace alluvium
