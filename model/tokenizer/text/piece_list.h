#pragma once
// The text of one call between tokenizer stages: cut into pieces that share one buffer.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/tokenizer/text/aligned_text.h"

namespace alluvium {

inline constexpr std::uint32_t kNoToken = std::numeric_limits<std::uint32_t>::max();

// Half-open range of bytes of the buffer. A piece that already is a token passes through all
// later stages untouched; the others are open.
struct Piece {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t token = kNoToken;

    bool open() const { return token == kNoToken; }
};

class PieceList {
  public:
    // One open piece; `original` must outlive the list. While no stage has changed the text, the
    // buffer is `original` itself and nothing is stored per byte.
    explicit PieceList(std::string_view original);
    PieceList(const PieceList&) = delete;
    PieceList& operator=(const PieceList&) = delete;

    const std::vector<Piece>& pieces() const { return pieces_; }
    std::string_view text(const Piece& piece) const {
        return buffer_.substr(piece.begin, piece.end - piece.begin);
    }
    // The bytes of the original behind bytes [begin, end) of the buffer, widened to whole
    // characters.
    ByteSpan source(std::uint32_t begin, std::uint32_t end) const;

    // Calls cut(piece, text, add) for every open piece; add(begin, end, token) makes a piece of
    // those bytes of `text`. Empty pieces are dropped.
    template <typename Cut>
    void split(Cut&& cut);

    // Calls edit(AlignedText&) for every open piece whose text `changes(text)`; the result becomes
    // the piece's text. Every stage sees its piece alone, as the reference does.
    template <typename Changes, typename Edit>
    void edit(Changes&& changes, Edit&& edit);

  private:
    AlignedText extract(const Piece& piece) const;
    void append_unchanged(const Piece& piece, AlignedText& out) const;
    void adopt(AlignedText&& next, std::vector<Piece>&& pieces);

    std::string_view original_;
    std::string_view buffer_;  // original_, or changed_.text
    AlignedText changed_;
    bool is_original_ = true;
    std::vector<Piece> pieces_;
    std::vector<Piece> spare_;  // keeps its memory between splits
};

template <typename Cut>
void PieceList::split(Cut&& cut) {
    spare_.clear();
    for (const Piece& piece : pieces_) {
        if (!piece.open()) {
            spare_.push_back(piece);
            continue;
        }
        cut(piece, text(piece), [&](std::size_t begin, std::size_t end, std::uint32_t token) {
            if (begin == end) return;
            spare_.push_back({piece.begin + static_cast<std::uint32_t>(begin),
                              piece.begin + static_cast<std::uint32_t>(end), token});
        });
    }
    pieces_.swap(spare_);
}

template <typename Changes, typename Edit>
void PieceList::edit(Changes&& changes, Edit&& edit) {
    bool any = false;
    for (const Piece& piece : pieces_) any = any || (piece.open() && changes(text(piece)));
    if (!any) return;

    AlignedText next;
    next.text.reserve(buffer_.size());
    next.spans.reserve(buffer_.size());
    std::vector<Piece> pieces;
    pieces.reserve(pieces_.size());
    for (const Piece& piece : pieces_) {
        const auto begin = static_cast<std::uint32_t>(next.text.size());
        if (piece.open() && changes(text(piece))) {
            AlignedText changed = extract(piece);
            edit(changed);
            next.text += changed.text;
            next.spans.insert(next.spans.end(), changed.spans.begin(), changed.spans.end());
        } else {
            append_unchanged(piece, next);
        }
        const auto end = static_cast<std::uint32_t>(next.text.size());
        if (begin != end) pieces.push_back({begin, end, piece.token});
    }
    adopt(std::move(next), std::move(pieces));
}

}  // namespace alluvium
