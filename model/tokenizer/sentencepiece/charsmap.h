#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

// SentencePiece's compiled normalisation rules: a double-array trie (Darts) over sequences of bytes
// and the texts that replace them.
class CharsMap {
  public:
    CharsMap() = default;
    // UserError where the bytes are not of this form.
    explicit CharsMap(std::string_view bytes);

    struct Rule {
        std::size_t bytes = 0;         // how much of the text it replaces
        std::string_view replacement;  // by this
    };
    // The rule for the longest start of `text`, or nothing. Valid as long as the map.
    std::optional<Rule> longest(std::string_view text) const;

  private:
    std::vector<std::uint32_t> units_;
    std::string replacements_;  // each ends in a zero byte
};

}  // namespace alluvium
