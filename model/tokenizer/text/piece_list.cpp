#include "model/tokenizer/text/piece_list.h"

#include "base/utf8.h"

namespace alluvium {
namespace {

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

PieceList::PieceList(std::string_view original) : original_(original), buffer_(original) {
    if (!original.empty()) pieces_.push_back({0, static_cast<std::uint32_t>(original.size())});
}

ByteSpan PieceList::source(std::uint32_t begin, std::uint32_t end) const {
    if (!is_original_) return {changed_.spans[begin].begin, changed_.spans[end - 1].end};
    while (begin > 0 && continues_character(original_[begin])) --begin;
    while (end < original_.size() && continues_character(original_[end])) ++end;
    return {begin, end};
}

AlignedText PieceList::extract(const Piece& piece) const {
    AlignedText out;
    append_unchanged(piece, out);
    return out;
}

void PieceList::append_unchanged(const Piece& piece, AlignedText& out) const {
    out.text += text(piece);
    if (!is_original_) {
        const auto first = changed_.spans.begin();
        out.spans.insert(out.spans.end(), first + piece.begin, first + piece.end);
        return;
    }
    for (std::uint32_t at = piece.begin; at < piece.end;) {
        const std::uint32_t bytes = decode_utf8(original_, at).bytes;
        out.spans.insert(out.spans.end(), bytes, ByteSpan{at, at + bytes});
        at += bytes;
    }
}

void PieceList::adopt(AlignedText&& next, std::vector<Piece>&& pieces) {
    changed_ = std::move(next);
    buffer_ = changed_.text;
    is_original_ = false;
    pieces_ = std::move(pieces);
}

}  // namespace alluvium
