#pragma once
// The content of a SentencePiece model file.
// Source of field numbers: sentencepiece_model.proto of github.com/google/sentencepiece.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

enum class PieceType {
    normal = 1,
    unknown = 2,
    control = 3,
    user_defined = 4,
    unused = 5,
    byte = 6
};

struct SentencePiece {
    std::string text;
    float score = 0;
    PieceType type = PieceType::normal;
};

enum class SentencePieceKind { unigram = 1, bpe = 2, word = 3, character = 4 };

struct SentencePieceFile {
    std::vector<SentencePiece> pieces;  // the index is the id
    SentencePieceKind kind = SentencePieceKind::unigram;
    bool byte_fallback = false;
    bool whitespace_as_suffix = false;
    std::uint32_t unknown_id = 0;
    std::int32_t bos_id = 1;  // negative: none
    std::int32_t eos_id = 2;

    // Normalisation.
    std::string charsmap;  // see CharsMap; may be empty
    bool add_dummy_prefix = true;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;
};

// UserError where `bytes` are no such file.
SentencePieceFile read_sentencepiece_file(std::string_view bytes);

}  // namespace alluvium
