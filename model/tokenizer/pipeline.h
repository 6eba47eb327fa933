#pragma once
// All stages of a tokenizer at work.
#include <string>
#include <vector>

#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/models/word_encoder.h"
#include "model/tokenizer/pipeline_parts.h"
#include "model/tokenizer/tokenizer.h"

namespace alluvium {

class Pipeline {
  public:
    // UserError where the added tokens are malformed.
    explicit Pipeline(PipelineParts parts);

    // The tokens of `text`, which is valid UTF-8, without the frame of special tokens.
    Encoding encode(std::string_view text, WordCache& cache) const;
    // Ids that no token has are left out.
    std::string decode(const std::vector<std::uint32_t>& ids) const;
    // How the token reads in the middle of a text; empty where no token has this id.
    std::string token_text(std::uint32_t id) const;

    const SpecialFrame& frame() const { return parts_.frame; }
    std::optional<std::uint32_t> id_of(std::string_view token) const;
    std::size_t vocab_size() const;
    std::string kind() const { return parts_.model->kind(parts_.pre_tokenizers.spell_bytes); }

  private:
    std::optional<std::string> spelling_of(std::uint32_t id) const;
    std::string decode_spellings(std::vector<std::string> tokens) const;

    PipelineParts parts_;
    AddedTokens added_;
};

}  // namespace alluvium
