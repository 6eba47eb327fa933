#include <algorithm>
#include <cfloat>

#include "base/utf8.h"
#include "model/tokenizer/sentencepiece/spm_models.h"

namespace alluvium {
namespace {

constexpr float kUnknownPenalty = 10.0f;
constexpr std::uint32_t kNowhere = 0xffffffff;

}  // namespace

// The best way to reach a place of the text.
struct SentencePieceUnigram::Best {
    float score = 0;
    std::uint32_t id = 0;
    std::uint32_t begin = kNowhere;  // of the last piece; kNowhere: not reached yet

    void offer(float other_score, std::uint32_t other_id, std::size_t other_begin) {
        if (begin != kNowhere && other_score <= score) return;
        *this = {other_score, other_id, static_cast<std::uint32_t>(other_begin)};
    }
};

SentencePieceUnigram::SentencePieceUnigram(std::shared_ptr<const PieceTable> pieces)
    : SentencePieceModel(std::move(pieces)), lowest_score_(FLT_MAX), highest_score_(FLT_MIN) {
    for (std::uint32_t id = 0; id < size(); ++id) {
        const SentencePiece& piece = this->pieces().piece(id);
        if (piece.type == PieceType::normal) {
            lowest_score_ = std::min(lowest_score_, piece.score);
            highest_score_ = std::max(highest_score_, piece.score);
        }
        if (piece.type == PieceType::normal || piece.type == PieceType::user_defined) {
            usable_.add(piece.text, id);
        }
    }
}

float SentencePieceUnigram::score_of(std::uint32_t id, std::size_t bytes) const {
    const SentencePiece& piece = pieces().piece(id);
    if (piece.type != PieceType::user_defined) return piece.score;
    // More than its letters could have any other way, so that it is always taken.
    return static_cast<float>(static_cast<float>(bytes) * highest_score_ - 0.1);
}

void SentencePieceUnigram::extend(std::string_view word, std::size_t begin,
                                  std::vector<Best>& best) const {
    const float so_far = best[begin].score;
    const std::size_t character_end = begin + decode_utf8(word, begin).bytes;
    bool has_character = false;
    std::uint32_t node = ByteTrie::kRoot;
    for (std::size_t end = begin; end < word.size();) {
        node = usable_.step(node, word[end++]);
        if (node == ByteTrie::kNone) break;
        const std::uint32_t id = usable_.value(node);
        if (id == ByteTrie::kNone) continue;
        best[end].offer(score_of(id, end - begin) + so_far, id, begin);
        has_character = has_character || end == character_end;
    }
    if (has_character) return;
    best[character_end].offer(lowest_score_ - kUnknownPenalty + so_far, pieces().file().unknown_id,
                              begin);
}

void SentencePieceUnigram::tokenize(std::string_view word, std::vector<WordToken>& out) const {
    std::vector<Best> best(word.size() + 1);
    for (std::size_t at = 0; at < word.size(); at += decode_utf8(word, at).bytes) {
        extend(word, at, best);
    }
    std::vector<WordToken> path;
    for (auto end = static_cast<std::uint32_t>(word.size()); end > 0; end = best[end].begin) {
        path.push_back({best[end].id, best[end].begin, end});
    }
    for (auto token = path.rbegin(); token != path.rend(); ++token) {
        if (token->id == pieces().file().unknown_id) {
            pieces().append_unknown(word, *token, out);
        } else {
            out.push_back(*token);
        }
    }
}

}  // namespace alluvium
