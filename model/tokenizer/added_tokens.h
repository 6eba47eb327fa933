#pragma once
// Tokens that are found in the text before the model sees it: special tokens and others that were
// added after training.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/definition.h"
#include "model/tokenizer/models/token_model.h"
#include "model/tokenizer/normalizers/normalizer.h"
#include "model/tokenizer/text/byte_trie.h"
#include "model/tokenizer/text/piece_list.h"

namespace alluvium {

struct AddedToken {
    std::uint32_t id = 0;
    std::string content;
    std::string matched;  // the content after normalisation where `normalized`, else the content
    bool single_word = false;  // only where no word character is beside it
    bool lstrip = false;       // takes the white space on its left with it
    bool rstrip = false;       // and on its right
    bool normalized = false;   // is looked for in the normalised text
    bool special = false;
};

// Where the ids of added tokens come from.
enum class AddedIds {
    counted,  // a token whose content the model knows has the model's id, the others are numbered
              // upwards from the model's size; the reference reads tokenizer.json so
    given     // as the entries say
};

class AddedTokens {
  public:
    AddedTokens() = default;
    // `tokens` as the array "added_tokens" of a tokenizer.json.
    AddedTokens(const Json& tokens, AddedIds ids, const TokenModel& model,
                const Normalizer* normalizer);

    // Cut out the tokens that are looked for in the raw and in the normalised text.
    void extract_raw(PieceList& pieces) const { extract(raw_, pieces); }
    void extract_normalized(PieceList& pieces) const { extract(normalized_, pieces); }

    const AddedToken* find(std::uint32_t id) const;
    std::optional<std::uint32_t> id_of(std::string_view content) const;
    std::size_t size() const { return tokens_.size(); }
    const std::map<std::uint32_t, AddedToken>& tokens() const { return tokens_; }

  private:
    std::optional<std::uint32_t> known_id(const AddedToken& token, const TokenModel& model) const;
    void add(AddedToken token, const Normalizer* normalizer);
    void extract(const ByteTrie& contents, PieceList& pieces) const;

    std::map<std::uint32_t, AddedToken> tokens_;
    std::map<std::string, std::uint32_t, std::less<>> ids_;
    ByteTrie raw_;
    ByteTrie normalized_;
};

}  // namespace alluvium
