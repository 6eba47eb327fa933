#include "model/tokenizer/models/bpe_model.h"

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/utf8.h"
#include "model/tokenizer/models/space_mark.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kNoId = 0xffffffff;
constexpr std::uint32_t kShortCharacters = 0x800;  // up to two bytes of UTF-8

}  // namespace

BpeModel::BpeModel(Vocabulary vocabulary, std::span<const Merge> merges, BpeOptions options)
    : vocabulary_(std::move(vocabulary)), merges_(merges), options_(std::move(options)) {
    short_characters_.resize(kShortCharacters, kNoId);
    for (std::uint32_t c = 0; c < kShortCharacters; ++c) {
        std::string character;
        append_utf8(character, c);
        short_characters_[c] = id_of(character).value_or(kNoId);
    }
    for (unsigned byte = 0; byte < byte_ids_.size(); ++byte) {
        std::array<char, 8> name{};
        std::snprintf(name.data(), name.size(), "<0x%02X>", byte);
        byte_ids_[byte] = id_of(name.data()).value_or(kNoId);
    }
    if (options_.unknown_token) {
        const auto id = id_of(*options_.unknown_token);
        if (!id) {
            throw UserError(
                "the unknown token '" + *options_.unknown_token + "' is not in the vocabulary",
                "the tokenizer's definition may be damaged");
        }
        unknown_id_ = *id;
    }
}

void BpeModel::tokenize(std::string_view word, std::vector<WordToken>& out) const {
    if (options_.ignore_merges) {
        if (const auto whole = id_of(word)) {
            out.push_back({*whole, 0, static_cast<std::uint32_t>(word.size())});
            return;
        }
    }
    std::vector<Symbol> symbols;
    spell(word, symbols);
    merge_symbols(symbols, merges_);
    // Where a character was dropped for want of an unknown token, the tokens after it are counted
    // from where it stood: the reference does the same.
    std::uint32_t at = 0;
    for (const Symbol& symbol : symbols) {
        out.push_back({symbol.id, at, at + symbol.bytes});
        at += symbol.bytes;
    }
}

void BpeModel::spell(std::string_view word, std::vector<Symbol>& symbols) const {
    symbols.reserve(word.size());
    Symbol unknown;  // bytes == 0: none waiting
    const auto flush = [&] {
        if (unknown.bytes != 0) symbols.push_back(unknown);
        unknown = {};
    };
    for (std::size_t begin = 0; begin < word.size();) {
        const std::uint32_t bytes = decode_utf8(word, begin).bytes;
        const std::size_t end = begin + bytes;
        const std::uint32_t id = character_id(word, begin, end);
        const std::string_view character = word.substr(begin, bytes);
        begin = end;
        if (id != kNoId) {
            flush();
            symbols.push_back({id, bytes});
        } else if (options_.byte_fallback && spell_as_bytes(character, symbols)) {
            // An unknown character still waiting comes behind these bytes, as in the reference.
        } else if (options_.unknown_token) {
            if (!options_.fuse_unknown) flush();
            unknown = {unknown_id_, unknown.bytes + bytes};
        }
    }
    flush();
}

std::uint32_t BpeModel::character_id(std::string_view word, std::size_t begin,
                                     std::size_t end) const {
    if (!options_.continuing_prefix.empty() || !options_.end_of_word_suffix.empty()) {
        return affixed_id(word, begin, end);
    }
    if (end - begin <= 2) return short_characters_[decode_utf8(word, begin).code_point];
    return id_of(word.substr(begin, end - begin)).value_or(kNoId);
}

std::uint32_t BpeModel::affixed_id(std::string_view word, std::size_t begin,
                                   std::size_t end) const {
    std::string token;
    if (begin > 0) token = options_.continuing_prefix;
    token += word.substr(begin, end - begin);
    if (end == word.size()) token += options_.end_of_word_suffix;
    return id_of(token).value_or(kNoId);
}

bool BpeModel::spell_as_bytes(std::string_view character, std::vector<Symbol>& symbols) const {
    for (const char byte : character) {
        if (byte_ids_[static_cast<unsigned char>(byte)] == kNoId) return false;
    }
    for (const char byte : character) {
        symbols.push_back({byte_ids_[static_cast<unsigned char>(byte)], 1});
    }
    return true;
}

bool BpeModel::may_cut_before(std::string_view mark) const {
    // An unknown mark could be part of a run of unknown characters.
    if (!id_of(mark) || !options_.continuing_prefix.empty() ||
        !options_.end_of_word_suffix.empty()) {
        return false;
    }
    return std::none_of(vocabulary_.entries().begin(), vocabulary_.entries().end(),
                        [&](const auto& entry) { return holds_mark_inside(entry.first, mark); });
}

std::string BpeModel::kind(bool spells_bytes) const {
    if (spells_bytes) return "byte-level BPE";
    return options_.byte_fallback ? "BPE with byte fallback" : "BPE";
}

}  // namespace alluvium
