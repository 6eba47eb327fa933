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

class AddedTokens {
  public:
    AddedTokens() = default;
    // `part` holds the array "added_tokens". As in the reference, a token whose content the model
    // knows has the model's id, and the others are numbered upwards from the model's size: the ids
    // in the file are not looked at.
    AddedTokens(const DefinitionPart& part, const TokenModel& model, const Normalizer* normalizer);

    // Cut out the tokens that are looked for in the raw and in the normalised text.
    void extract_raw(PieceList& pieces) const { extract(raw_, pieces); }
    void extract_normalized(PieceList& pieces) const { extract(normalized_, pieces); }

    const AddedToken* find(std::uint32_t id) const;
    std::optional<std::uint32_t> id_of(std::string_view content) const;
    std::size_t size() const { return tokens_.size(); }
    const std::map<std::uint32_t, AddedToken>& tokens() const { return tokens_; }

  private:
    // Finds, from left to right, the longest of its patterns that starts at the first possible
    // place.
    class Finder {
      public:
        void add(std::string_view pattern, std::uint32_t id);
        bool empty() const { return nodes_.size() == 1; }
        struct Match {
            std::size_t begin = 0;
            std::size_t end = 0;
            std::uint32_t id = 0;
        };
        std::optional<Match> next(std::string_view text, std::size_t from) const;

      private:
        struct Node {
            std::vector<std::pair<unsigned char, std::uint32_t>> next;  // few: searched in order
            std::uint32_t id = kNoToken;
        };
        const Node* step(const Node& node, char byte) const;

        std::vector<Node> nodes_ = std::vector<Node>(1);
        std::vector<bool> starts_ = std::vector<bool>(256);
    };

    void add(AddedToken token, const TokenModel& model, const Normalizer* normalizer,
             std::uint32_t& next_id);
    void extract(const Finder& finder, PieceList& pieces) const;

    std::map<std::uint32_t, AddedToken> tokens_;
    std::map<std::string, std::uint32_t, std::less<>> ids_;
    Finder raw_;
    Finder normalized_;
};

}  // namespace alluvium
