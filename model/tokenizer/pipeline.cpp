#include "model/tokenizer/pipeline.h"

#include "model/tokenizer/models/space_mark.h"

namespace alluvium {

Pipeline::Pipeline(PipelineParts parts)
    : parts_(std::move(parts)),
      added_(parts_.added_tokens, parts_.added_ids, *parts_.model, parts_.normalizer.get()) {
    PreTokenizers& cutting = parts_.pre_tokenizers;
    if (cutting.stages.empty() && !cutting.spell_bytes &&
        parts_.model->may_cut_before(kSpaceMark)) {
        cutting.stages.push_back(cut_before_space_marks());
    }
}

Encoding Pipeline::encode(std::string_view text, WordCache& cache) const {
    PieceList pieces(text);
    added_.extract_raw(pieces);
    if (parts_.normalizer) {
        pieces.edit([&](std::string_view piece) { return parts_.normalizer->changes(piece); },
                    [&](AlignedText& aligned) { parts_.normalizer->apply(aligned); });
    }
    added_.extract_normalized(pieces);
    for (const auto& stage : parts_.pre_tokenizers.stages) stage->apply(pieces);

    const WordEncoder words(*parts_.model, parts_.pre_tokenizers.spell_bytes);
    Encoding out;
    out.ids.reserve(text.size() / 3);
    out.begin.reserve(text.size() / 3);
    out.end.reserve(text.size() / 3);
    const auto push = [&](std::uint32_t id, std::uint32_t begin, std::uint32_t end) {
        const ByteSpan source = pieces.source(begin, end);
        out.ids.push_back(id);
        out.begin.push_back(source.begin);
        out.end.push_back(source.end);
    };
    std::vector<WordToken> tokens;
    for (const Piece& piece : pieces.pieces()) {
        if (!piece.open()) {
            push(piece.token, piece.begin, piece.end);
            continue;
        }
        tokens.clear();
        words.encode(pieces.text(piece), cache, tokens);
        for (const WordToken& token : tokens) {
            push(token.id, piece.begin + token.begin, piece.begin + token.end);
        }
    }
    out.special.assign(out.ids.size(), 0);
    return out;
}

std::optional<std::string> Pipeline::spelling_of(std::uint32_t id) const {
    if (const AddedToken* added = added_.find(id)) return added->matched;
    if (const auto token = parts_.model->token_of(id)) return std::string(*token);
    return std::nullopt;
}

std::string Pipeline::decode(const std::vector<std::uint32_t>& ids) const {
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (const std::uint32_t id : ids) {
        if (auto token = spelling_of(id)) tokens.push_back(std::move(*token));
    }
    return decode_spellings(std::move(tokens));
}

std::string Pipeline::decode_spellings(std::vector<std::string> tokens) const {
    if (tokens.empty()) return {};
    std::string text;
    if (parts_.decoder) parts_.decoder->apply(tokens);
    for (const std::string& token : tokens) {
        // Without a decoder the reference sets tokens apart by spaces.
        if (!parts_.decoder && &token != &tokens.front()) text.push_back(' ');
        text += token;
    }
    return text;
}

std::string Pipeline::token_text(std::uint32_t id) const {
    auto token = spelling_of(id);
    if (!token || !parts_.decoder) return token.value_or("");
    // Decoders treat the first token and the first space of a text differently; a letter in front
    // keeps them from doing so.
    return decode_spellings({"x", std::move(*token)}).substr(1);
}

std::optional<std::uint32_t> Pipeline::id_of(std::string_view token) const {
    const auto added = added_.id_of(token);
    return added ? added : parts_.model->id_of(token);
}

std::size_t Pipeline::vocab_size() const {
    std::size_t size = parts_.model->size();
    for (const auto& [id, token] : added_.tokens())
        size += parts_.model->id_of(token.content) ? 0 : 1;
    return size;
}

}  // namespace alluvium
