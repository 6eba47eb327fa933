#pragma once
#include <memory>

#include "model/tokenizer/normalizers/normalizer.h"
#include "model/tokenizer/sentencepiece/charsmap.h"
#include "model/tokenizer/sentencepiece/piece_table.h"

namespace alluvium {

// SentencePiece's normalisation: its compiled rules, white space collapsed and written as U+2581,
// a space in front.
class SentencePieceNormalizer : public Normalizer {
  public:
    explicit SentencePieceNormalizer(std::shared_ptr<const PieceTable> pieces)
        : pieces_(std::move(pieces)), rules_(pieces_->file().charsmap) {}
    bool changes(std::string_view) const override { return true; }
    void apply(AlignedText& aligned) const override;

  private:
    // What the start of `text` becomes: a user-defined piece stays as it is.
    CharsMap::Rule next_rule(std::string_view text) const;

    std::shared_ptr<const PieceTable> pieces_;
    CharsMap rules_;
};

}  // namespace alluvium
