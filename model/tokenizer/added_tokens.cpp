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

AddedTokens::AddedTokens(const DefinitionPart& part, const TokenModel& model,
                         const Normalizer* normalizer) {
    auto next_id = static_cast<std::uint32_t>(model.size());
    for (const DefinitionPart& entry : part.parts("added_tokens")) {
        AddedToken token = read_added_token(entry);
        if (!token.content.empty()) add(std::move(token), model, normalizer, next_id);
    }
    for (const auto& [id, token] : tokens_) {
        (token.normalized ? normalized_ : raw_).add(token.matched, id);
    }
}

void AddedTokens::add(AddedToken token, const TokenModel& model, const Normalizer* normalizer,
                      std::uint32_t& next_id) {
    if (const auto known = id_of(token.content)) {
        token.id = *known;
    } else if (const auto in_model = model.id_of(token.content)) {
        token.id = *in_model;
    } else {
        token.id = next_id++;
    }
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

void AddedTokens::extract(const Finder& finder, PieceList& pieces) const {
    if (finder.empty()) return;
    pieces.split([&](const Piece&, std::string_view text, auto add) {
        std::size_t done = 0;
        std::size_t from = 0;
        while (const auto match = finder.next(text, from)) {
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

void AddedTokens::Finder::add(std::string_view pattern, std::uint32_t id) {
    if (pattern.empty()) return;
    starts_[static_cast<unsigned char>(pattern.front())] = true;
    std::uint32_t at = 0;
    for (const char c : pattern) {
        const auto byte = static_cast<unsigned char>(c);
        const Node* known = step(nodes_[at], c);
        if (known != nullptr) {
            at = static_cast<std::uint32_t>(known - nodes_.data());
            continue;
        }
        const auto fresh = static_cast<std::uint32_t>(nodes_.size());
        nodes_[at].next.emplace_back(byte, fresh);
        nodes_.emplace_back();
        at = fresh;
    }
    nodes_[at].id = id;
}

const AddedTokens::Finder::Node* AddedTokens::Finder::step(const Node& node, char byte) const {
    for (const auto& [on, to] : node.next) {
        if (on == static_cast<unsigned char>(byte)) return &nodes_[to];
    }
    return nullptr;
}

std::optional<AddedTokens::Finder::Match> AddedTokens::Finder::next(std::string_view text,
                                                                    std::size_t from) const {
    for (std::size_t begin = from; begin < text.size(); ++begin) {
        if (!starts_[static_cast<unsigned char>(text[begin])]) continue;
        Match best;
        const Node* node = &nodes_.front();
        for (std::size_t end = begin; end < text.size(); ++end) {
            node = step(*node, text[end]);
            if (node == nullptr) break;
            if (node->id != kNoToken) best = {begin, end + 1, node->id};
        }
        if (best.end != 0) return best;
    }
    return std::nullopt;
}

}  // namespace alluvium
