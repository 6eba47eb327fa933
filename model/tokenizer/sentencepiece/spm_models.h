#pragma once
// The two kinds of SentencePiece models that checkpoints come with.
#include <memory>

#include "model/tokenizer/models/token_model.h"
#include "model/tokenizer/sentencepiece/piece_table.h"

namespace alluvium {

// What both have in common.
class SentencePieceModel : public TokenModel {
  public:
    explicit SentencePieceModel(std::shared_ptr<const PieceTable> pieces)
        : pieces_(std::move(pieces)) {}
    std::optional<std::uint32_t> id_of(std::string_view token) const override {
        return pieces_->id_of(token);
    }
    std::optional<std::string_view> token_of(std::uint32_t id) const override {
        if (id >= size()) return std::nullopt;
        return pieces_->piece(id).text;
    }
    std::size_t size() const override { return pieces_->file().pieces.size(); }

  protected:
    const PieceTable& pieces() const { return *pieces_; }

  private:
    std::shared_ptr<const PieceTable> pieces_;
};

// Merges neighbours into the piece of the highest score, leftmost first.
class SentencePieceBpe : public SentencePieceModel {
  public:
    using SentencePieceModel::SentencePieceModel;
    void tokenize(std::string_view word, std::vector<WordToken>& out) const override;
    bool may_cut_before(std::string_view mark) const override {
        return pieces().may_cut_before(mark);
    }
    std::string kind(bool) const override { return "SentencePiece BPE"; }
};

// The segmentation of the highest total score (Kudo 2018, arXiv 1804.10959). Scores are summed in
// single precision over the whole text, as the reference does, so the text is never cut.
class SentencePieceUnigram : public SentencePieceModel {
  public:
    explicit SentencePieceUnigram(std::shared_ptr<const PieceTable> pieces);
    void tokenize(std::string_view word, std::vector<WordToken>& out) const override;
    std::string kind(bool) const override { return "SentencePiece Unigram"; }

  private:
    struct Best;
    void extend(std::string_view word, std::size_t begin, std::vector<Best>& best) const;
    float score_of(std::uint32_t id, std::size_t bytes) const;

    float lowest_score_ = 0;
    float highest_score_ = 0;
    ByteTrie usable_;  // all pieces but the unused ones
};

}  // namespace alluvium
