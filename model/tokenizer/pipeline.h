#pragma once
// All stages of a tokenizer, put together from its definition.
#include <memory>
#include <string>
#include <vector>

#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/decoders/decoder.h"
#include "model/tokenizer/models/word_encoder.h"
#include "model/tokenizer/normalizers/normalizer.h"
#include "model/tokenizer/post_processors/special_frame.h"
#include "model/tokenizer/pre_tokenizers/pre_tokenizer.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {

class Pipeline {
  public:
    // `definition` in the form of tokenizer.json; truncation and padding are not looked at. A part
    // that is missing or null does nothing. UserError names a part that is not supported.
    explicit Pipeline(const Json& definition);

    // The tokens of `text`, which is valid UTF-8, without the frame of special tokens.
    Encoding encode(std::string_view text, WordCache& cache) const;
    // Ids that no token has are left out.
    std::string decode(const std::vector<std::uint32_t>& ids) const;
    // How the token reads in the middle of a text; empty where no token has this id.
    std::string token_text(std::uint32_t id) const;

    const SpecialFrame& frame() const { return frame_; }
    std::optional<std::uint32_t> id_of(std::string_view token) const;
    std::size_t vocab_size() const;
    std::string kind() const { return model_->kind(pre_tokenizers_.spell_bytes); }

  private:
    std::optional<std::string> spelling_of(std::uint32_t id) const;
    std::string decode_spellings(std::vector<std::string> tokens) const;

    std::unique_ptr<const TokenModel> model_;
    std::unique_ptr<const Normalizer> normalizer_;  // may be absent
    AddedTokens added_;
    PreTokenizers pre_tokenizers_;
    SpecialFrame frame_;
    std::unique_ptr<const TokenDecoder> decoder_;  // may be absent
};

}  // namespace alluvium
