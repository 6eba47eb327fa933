#pragma once
// Third stage of a tokenizer: turns one word into tokens.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

// A token and the bytes of the word that it stands for.
struct WordToken {
    std::uint32_t id = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

class TokenModel {
  public:
    virtual ~TokenModel() = default;

    // Appends the tokens of `word`, which is not empty. Thread-safe.
    virtual void tokenize(std::string_view word, std::vector<WordToken>& out) const = 0;

    virtual std::optional<std::uint32_t> id_of(std::string_view token) const = 0;
    // The token as the vocabulary spells it, or nothing where no token has this id.
    virtual std::optional<std::string_view> token_of(std::uint32_t id) const = 0;
    // Entries of the vocabulary; ids may be larger where it has holes.
    virtual std::size_t size() const = 0;
    // Whether a text cut before every `mark` that follows another character has the same tokens: so
    // it is where no token reaches across such a place. Short pieces are faster, and come again.
    virtual bool may_cut_before(std::string_view) const { return false; }
    // In words, for people: "byte-level BPE" where words are spelled in the byte alphabet.
    virtual std::string kind(bool spells_bytes) const = 0;
};

}  // namespace alluvium
