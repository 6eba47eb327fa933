#include "model/tokenizer/sentencepiece/spm_parts.h"

#include "base/error.h"
#include "model/tokenizer/models/space_mark.h"
#include "model/tokenizer/sentencepiece/spm_models.h"
#include "model/tokenizer/sentencepiece/spm_normalizer.h"

namespace alluvium {
namespace {

std::unique_ptr<const TokenModel> model_of(const std::shared_ptr<const PieceTable>& pieces) {
    switch (pieces->file().kind) {
        case SentencePieceKind::bpe:
            return std::make_unique<SentencePieceBpe>(pieces);
        case SentencePieceKind::unigram:
            return std::make_unique<SentencePieceUnigram>(pieces);
        default:
            throw UserError("a SentencePiece model of words or characters is not supported",
                            "supported are BPE and Unigram");
    }
}

// Marks back to spaces, byte pieces to bytes, without the space that was put in front.
std::unique_ptr<const TokenDecoder> decoder_for(const SentencePieceFile& file) {
    Json steps = {{{"type", "Replace"}, {"pattern", {{"String", kSpaceMark}}}, {"content", " "}},
                  {{"type", "ByteFallback"}},
                  {{"type", "Fuse"}}};
    if (file.add_dummy_prefix) {
        steps.push_back({{"type", "Strip"},
                         {"content", " "},
                         {"start", file.whitespace_as_suffix ? 0u : 1u},
                         {"stop", file.whitespace_as_suffix ? 1u : 0u}});
    }
    const Json definition = {{"type", "Sequence"}, {"decoders", steps}};
    return read_decoder(DefinitionPart(definition, "decoder"));
}

std::optional<std::string> control_piece(const SentencePieceFile& file, std::int32_t id) {
    if (id < 0 || static_cast<std::size_t>(id) >= file.pieces.size()) return std::nullopt;
    const SentencePiece& piece = file.pieces[static_cast<std::size_t>(id)];
    if (piece.type != PieceType::control) return std::nullopt;
    return piece.text;
}

}  // namespace

PipelineParts parts_from_sentencepiece(std::string_view bytes) {
    const auto pieces = std::make_shared<const PieceTable>(read_sentencepiece_file(bytes));
    PipelineParts parts;
    parts.model = model_of(pieces);
    parts.normalizer = std::make_unique<SentencePieceNormalizer>(pieces);
    parts.decoder = decoder_for(pieces->file());
    parts.added_ids = AddedIds::given;
    parts.bos = control_piece(pieces->file(), pieces->file().bos_id);
    parts.eos = control_piece(pieces->file(), pieces->file().eos_id);
    return parts;
}

}  // namespace alluvium
