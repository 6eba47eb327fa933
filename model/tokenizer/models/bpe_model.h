#pragma once
#include <array>
#include <memory>

#include "model/tokenizer/definition.h"
#include "model/tokenizer/models/bpe_merge.h"
#include "model/tokenizer/models/token_model.h"
#include "model/tokenizer/models/vocabulary.h"

namespace alluvium {

struct BpeOptions {
    std::optional<std::string> unknown_token;
    std::string continuing_prefix;   // in front of every character but the word's first
    std::string end_of_word_suffix;  // behind the last
    bool fuse_unknown = false;       // one unknown token for a run of unknown characters
    bool byte_fallback = false;      // unknown characters become <0xNN> tokens if there are such
    bool ignore_merges = false;      // a word that is in the vocabulary is one token
};

// Byte-pair encoding over the characters of a word, as the reference library does it.
class BpeModel : public TokenModel {
  public:
    BpeModel(Vocabulary vocabulary, std::span<const Merge> merges, BpeOptions options);

    void tokenize(std::string_view word, std::vector<WordToken>& out) const override;
    std::optional<std::uint32_t> id_of(std::string_view token) const override {
        return vocabulary_.id_of(token);
    }
    std::optional<std::string_view> token_of(std::uint32_t id) const override {
        return vocabulary_.token_of(id);
    }
    std::size_t size() const override { return vocabulary_.size(); }
    bool may_cut_before(std::string_view mark) const override;
    std::string kind(bool spells_bytes) const override;

  private:
    void spell(std::string_view word, std::vector<Symbol>& symbols) const;
    std::uint32_t character_id(std::string_view word, std::size_t begin, std::size_t end) const;
    std::uint32_t affixed_id(std::string_view word, std::size_t begin, std::size_t end) const;
    bool spell_as_bytes(std::string_view character, std::vector<Symbol>& symbols) const;

    Vocabulary vocabulary_;
    MergeTable merges_;
    BpeOptions options_;
    std::vector<std::uint32_t> short_characters_;  // ids of one- and two-byte characters
    std::array<std::uint32_t, 256> byte_ids_{};    // of <0xNN>
    std::uint32_t unknown_id_ = 0;
};

// The "model" part of a definition. UserError where it is malformed or asks for what is not
// supported.
std::unique_ptr<const TokenModel> read_bpe_model(const DefinitionPart& part);

}  // namespace alluvium
