#include "model/tokenizer/sentencepiece/piece_table.h"

#include <algorithm>
#include <cstdio>

#include "model/tokenizer/models/space_mark.h"

namespace alluvium {

PieceTable::PieceTable(SentencePieceFile file) : file_(std::move(file)) {
    for (std::uint32_t id = 0; id < file_.pieces.size(); ++id) {
        const SentencePiece& piece = file_.pieces[id];
        all_.emplace(piece.text, id);
        if (piece.type == PieceType::user_defined) user_defined_.add(piece.text, id);
        if (piece.type == PieceType::normal || piece.type == PieceType::user_defined ||
            piece.type == PieceType::unused) {
            usable_.emplace(piece.text, id);
        }
        unsigned byte = 0;
        if (piece.type == PieceType::byte &&
            std::sscanf(piece.text.c_str(), "<0x%02X>", &byte) == 1) {
            bytes_[byte & 0xff] = id;
        }
    }
}

std::optional<std::uint32_t> PieceTable::find(std::string_view text) const {
    const auto found = usable_.find(text);
    if (found == usable_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::uint32_t> PieceTable::id_of(std::string_view text) const {
    const auto found = all_.find(text);
    if (found == all_.end()) return std::nullopt;
    return found->second;
}

std::size_t PieceTable::user_defined_prefix(std::string_view text) const {
    std::size_t longest = 0;
    std::uint32_t node = ByteTrie::kRoot;
    for (std::size_t i = 0; i < text.size(); ++i) {
        node = user_defined_.step(node, text[i]);
        if (node == ByteTrie::kNone) break;
        if (user_defined_.value(node) != ByteTrie::kNone) longest = i + 1;
    }
    return longest;
}

void PieceTable::append_unknown(std::string_view word, WordToken part,
                                std::vector<WordToken>& out) const {
    if (file_.byte_fallback) {
        for (const char c : word.substr(part.begin, part.end - part.begin)) {
            const auto id = bytes_[static_cast<unsigned char>(c)];
            out.push_back({id.value_or(file_.unknown_id), part.begin, part.end});
        }
        return;
    }
    const bool run = !out.empty() && out.back().id == file_.unknown_id &&
                     out.back().end == part.begin && part.begin > 0;
    if (run) {
        out.back().end = part.end;
    } else {
        out.push_back({file_.unknown_id, part.begin, part.end});
    }
}

bool PieceTable::may_cut_before(std::string_view mark) const {
    if (!find(mark)) return false;
    return std::none_of(usable_.begin(), usable_.end(),
                        [&](const auto& entry) { return holds_mark_inside(entry.first, mark); });
}

}  // namespace alluvium
