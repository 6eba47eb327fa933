#include "model/tokenizer/pipeline.h"

#include "base/error.h"
#include "model/tokenizer/models/bpe_model.h"
#include "model/tokenizer/models/space_mark.h"

namespace alluvium {
namespace {

std::unique_ptr<const TokenModel> read_model(const DefinitionPart& part) {
    // Definitions of before 2020 do not say what their model is.
    const std::string type = part.has("type")     ? part.type()
                             : part.has("merges") ? "BPE"
                                                  : "without a type";
    if (type == "BPE") return read_bpe_model(part);
    part.unsupported("the model '" + type + "'");
}

}  // namespace

Pipeline::Pipeline(const Json& definition) {
    const DefinitionPart whole(definition, "tokenizer");
    const auto part = [&](const char* key) { return DefinitionPart(definition[key], key); };
    if (!definition.is_object() || !whole.has("model")) {
        throw UserError("the tokenizer's definition has no model",
                        "the file may be damaged; fetch it again");
    }
    model_ = read_model(part("model"));
    if (whole.has("normalizer")) normalizer_ = read_normalizer(part("normalizer"));
    if (whole.has("added_tokens")) added_ = AddedTokens(whole, *model_, normalizer_.get());
    if (whole.has("pre_tokenizer")) pre_tokenizers_ = read_pre_tokenizers(part("pre_tokenizer"));
    if (pre_tokenizers_.stages.empty() && !pre_tokenizers_.spell_bytes &&
        model_->may_cut_before(kSpaceMark)) {
        pre_tokenizers_.stages.push_back(cut_before_space_marks());
    }
    if (whole.has("post_processor")) frame_ = read_special_frame(part("post_processor"));
    if (whole.has("decoder")) decoder_ = read_decoder(part("decoder"));
}

Encoding Pipeline::encode(std::string_view text, WordCache& cache) const {
    PieceList pieces(text);
    added_.extract_raw(pieces);
    if (normalizer_) {
        pieces.edit([&](std::string_view piece) { return normalizer_->changes(piece); },
                    [&](AlignedText& aligned) { normalizer_->apply(aligned); });
    }
    added_.extract_normalized(pieces);
    for (const auto& stage : pre_tokenizers_.stages) stage->apply(pieces);

    const WordEncoder words(*model_, pre_tokenizers_.spell_bytes);
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
    if (const auto token = model_->token_of(id)) return std::string(*token);
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
    if (decoder_) decoder_->apply(tokens);
    for (const std::string& token : tokens) {
        // Without a decoder the reference sets tokens apart by spaces.
        if (!decoder_ && &token != &tokens.front()) text.push_back(' ');
        text += token;
    }
    return text;
}

std::string Pipeline::token_text(std::uint32_t id) const {
    auto token = spelling_of(id);
    if (!token || !decoder_) return token.value_or("");
    // Decoders treat the first token and the first space of a text differently; a letter in front
    // keeps them from doing so.
    return decode_spellings({"x", std::move(*token)}).substr(1);
}

std::optional<std::uint32_t> Pipeline::id_of(std::string_view token) const {
    const auto added = added_.id_of(token);
    return added ? added : model_->id_of(token);
}

std::size_t Pipeline::vocab_size() const {
    std::size_t size = model_->size();
    for (const auto& [id, token] : added_.tokens()) size += model_->id_of(token.content) ? 0 : 1;
    return size;
}

}  // namespace alluvium
