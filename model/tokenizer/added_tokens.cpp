#include "model/tokenizer/added_tokens.h"

#include <algorithm>

#include "model/tokenizer/text/characters.h"

namespace alluvium {
namespace {

std::size_t begin_of_last_character(std::string_view text) {
    std::size_t at = text.size();
    while (at > 0 && (static_cast<unsigned char>(text[--at]) & 0xc0) == 0x80) {
    }
    return at;
}

bool ends_with_word(std::string_view text) {
    return !text.empty() &&
           is_word_character(decode_utf8(text, begin_of_last_character(text)).code_point);
}

bool starts_with_word(std::string_view text) {
    return !text.empty() && is_word_character(decode_utf8(text, 0).code_point);
}

std::size_t begin_of_trailing_space(std::string_view text) {
    while (!text.empty()) {
        const std::size_t last = begin_of_last_character(text);
        if (!is_white_space(decode_utf8(text, last).code_point)) break;
        text = text.substr(0, last);
    }
    return text.size();
}

std::size_t end_of_leading_space(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const Utf8Char next = decode_utf8(text, at);
        if (!is_white_space(next.code_point)) break;
        at += next.bytes;
    }
    return at;
}

struct Found {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint32_t id = 0;
};

// The longest text of the trie that starts at the first possible place at or after `from`.
std::optional<Found> find_longest(const ByteTrie& contents, std::string_view text,
                                  std::size_t from) {
    for (std::size_t begin = from; begin < text.size(); ++begin) {
        Found best;
        std::uint32_t node = ByteTrie::kRoot;
        for (std::size_t end = begin; end < text.size(); ++end) {
            node = contents.step(node, text[end]);
            if (node == ByteTrie::kNone) break;
            if (const std::uint32_t id = contents.value(node); id != ByteTrie::kNone) {
                best = {begin, end + 1, id};
            }
        }
        if (best.end != 0) return best;
    }
    return std::nullopt;
}

AddedToken read_added_token(const DefinitionPart& part) {
    AddedToken token;
    token.content = part.string("content");
    token.single_word = part.boolean("single_word", false);
    token.lstrip = part.boolean("lstrip", false);
    token.rstrip = part.boolean("rstrip", false);
    token.special = part.boolean("special", false);
    token.normalized = part.boolean("normalized", !token.special);
    return token;
}

}  // namespace

AddedTokens::AddedTokens(const Json& tokens, AddedIds ids, const TokenModel& model,
                         const Normalizer* normalizer) {
    if (!tokens.is_array()) DefinitionPart(tokens, "added_tokens").malformed("", "an array");
    auto next_id = static_cast<std::uint32_t>(model.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const DefinitionPart entry(tokens[i], "added_tokens[" + std::to_string(i) + "]");
        AddedToken token = read_added_token(entry);
        if (token.content.empty()) continue;
        if (ids == AddedIds::given) {
            if (!entry.has("id")) entry.malformed("id", "a whole number");
            token.id = entry.number("id", 0);
        } else {
            const auto known = known_id(token, model);
            token.id = known ? *known : next_id++;
        }
        add(std::move(token), normalizer);
    }
    for (const auto& [id, token] : tokens_) {
        if (!token.matched.empty()) (token.normalized ? normalized_ : raw_).add(token.matched, id);
    }
}

std::optional<std::uint32_t> AddedTokens::known_id(const AddedToken& token,
                                                   const TokenModel& model) const {
    const auto known = id_of(token.content);
    return known ? known : model.id_of(token.content);
}

void AddedTokens::add(AddedToken token, const Normalizer* normalizer) {
    token.matched = token.content;
    if (token.normalized && normalizer != nullptr) {
        AlignedText aligned{token.content, std::vector<ByteSpan>(token.content.size())};
        if (normalizer->changes(aligned.text)) normalizer->apply(aligned);
        token.matched = std::move(aligned.text);
    }
    ids_[token.content] = token.id;
    tokens_[token.id] = std::move(token);
}

const AddedToken* AddedTokens::find(std::uint32_t id) const {
    const auto found = tokens_.find(id);
    return found == tokens_.end() ? nullptr : &found->second;
}

std::optional<std::uint32_t> AddedTokens::id_of(std::string_view content) const {
    const auto found = ids_.find(content);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

void AddedTokens::extract(const ByteTrie& contents, PieceList& pieces) const {
    if (contents.empty()) return;
    pieces.split([&](const Piece&, std::string_view text, auto add) {
        std::size_t done = 0;
        std::size_t from = 0;
        while (const auto match = find_longest(contents, text, from)) {
            from = match->end;
            const AddedToken& token = tokens_.at(match->id);
            if (token.single_word && (ends_with_word(text.substr(0, match->begin)) ||
                                      starts_with_word(text.substr(match->end)))) {
                continue;
            }
            std::size_t begin = match->begin;
            std::size_t end = match->end;
            // A token before this one may already have taken the space between them.
            if (token.lstrip)
                begin = std::max(begin_of_trailing_space(text.substr(0, begin)), done);
            if (token.rstrip) end = end_of_leading_space(text, end);
            if (done < begin) add(done, begin, kNoToken);
            add(begin, end, token.id);
            done = end;
        }
        if (done != text.size()) add(done, text.size(), kNoToken);
    });
}

}  // namespace alluvium
