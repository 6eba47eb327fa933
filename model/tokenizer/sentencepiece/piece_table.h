#pragma once
// Look-ups in the pieces of a SentencePiece model.
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "model/tokenizer/models/token_model.h"
#include "model/tokenizer/sentencepiece/model_file.h"
#include "model/tokenizer/text/byte_trie.h"

namespace alluvium {

class PieceTable {
  public:
    explicit PieceTable(SentencePieceFile file);
    PieceTable(const PieceTable&) = delete;
    PieceTable& operator=(const PieceTable&) = delete;

    const SentencePieceFile& file() const { return file_; }
    const SentencePiece& piece(std::uint32_t id) const { return file_.pieces[id]; }

    // Among the pieces that text can become: normal, user-defined and unused ones.
    std::optional<std::uint32_t> find(std::string_view text) const;
    // Among all pieces.
    std::optional<std::uint32_t> id_of(std::string_view text) const;
    // Bytes of the longest user-defined piece at the start of `text`, 0 where there is none.
    std::size_t user_defined_prefix(std::string_view text) const;

    // Appends a part of a word that no piece covers, [begin, end): its bytes where the model falls
    // back on them, else the unknown piece, one for a run.
    void append_unknown(std::string_view word, WordToken part, std::vector<WordToken>& out) const;

    bool may_cut_before(std::string_view mark) const;

  private:
    SentencePieceFile file_;
    std::unordered_map<std::string_view, std::uint32_t> usable_;
    std::unordered_map<std::string_view, std::uint32_t> all_;
    ByteTrie user_defined_;
    std::array<std::optional<std::uint32_t>, 256> bytes_;
};

}  // namespace alluvium
