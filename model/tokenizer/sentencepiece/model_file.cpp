#include "model/tokenizer/sentencepiece/model_file.h"

#include "base/error.h"
#include "model/tokenizer/sentencepiece/protobuf.h"

namespace alluvium {
namespace {

SentencePiece read_piece(std::string_view message) {
    SentencePiece piece;
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 1) piece.text = field->bytes;
        if (field->number == 2) piece.score = field->as_float();
        if (field->number == 3) {
            if (field->value < 1 || field->value > 6) {
                throw UserError("the piece '" + piece.text + "' is of an unknown type",
                                "the file may be damaged; fetch it again");
            }
            piece.type = static_cast<PieceType>(field->value);
        }
    }
    return piece;
}

void read_trainer_spec(std::string_view message, SentencePieceFile& file) {
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        const auto value = field->value;
        if (field->number == 3) file.kind = static_cast<SentencePieceKind>(value);
        if (field->number == 24) file.whitespace_as_suffix = value != 0;
        if (field->number == 35) file.byte_fallback = value != 0;
        if (field->number == 41) file.bos_id = static_cast<std::int32_t>(value);
        if (field->number == 42) file.eos_id = static_cast<std::int32_t>(value);
    }
}

void read_normalizer_spec(std::string_view message, SentencePieceFile& file) {
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 2) file.charsmap = field->bytes;
        if (field->number == 3) file.add_dummy_prefix = field->value != 0;
        if (field->number == 4) file.remove_extra_whitespaces = field->value != 0;
        if (field->number == 5) file.escape_whitespaces = field->value != 0;
    }
}

}  // namespace

SentencePieceFile read_sentencepiece_file(std::string_view bytes) {
    SentencePieceFile file;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == 1) file.pieces.push_back(read_piece(field->bytes));
        if (field->number == 2) read_trainer_spec(field->bytes, file);
        if (field->number == 3) read_normalizer_spec(field->bytes, file);
    }
    bool has_unknown = false;
    for (std::size_t id = 0; id < file.pieces.size(); ++id) {
        if (file.pieces[id].type != PieceType::unknown) continue;
        file.unknown_id = static_cast<std::uint32_t>(id);
        has_unknown = true;
    }
    if (!has_unknown) {
        throw UserError("it is a SentencePiece model without an unknown piece, or none at all",
                        "the file may be damaged; fetch it again");
    }
    return file;
}

}  // namespace alluvium
