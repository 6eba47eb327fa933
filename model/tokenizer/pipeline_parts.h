#pragma once
#include <memory>
#include <optional>
#include <string>

#include "model/tokenizer/added_tokens.h"
#include "model/tokenizer/decoders/decoder.h"
#include "model/tokenizer/models/token_model.h"
#include "model/tokenizer/normalizers/normalizer.h"
#include "model/tokenizer/post_processors/special_frame.h"
#include "model/tokenizer/pre_tokenizers/pre_tokenizer.h"

namespace alluvium {

// The stages of a tokenizer, whatever file format they were read from.
struct PipelineParts {
    std::unique_ptr<const TokenModel> model;
    std::unique_ptr<const Normalizer> normalizer;  // may be absent
    Json added_tokens = Json::array();             // as tokenizer.json writes them
    AddedIds added_ids = AddedIds::counted;
    std::optional<std::string> bos;  // where the format itself names them
    std::optional<std::string> eos;
    PreTokenizers pre_tokenizers;
    SpecialFrame frame;
    std::unique_ptr<const TokenDecoder> decoder;  // may be absent
};

// From the content of a tokenizer.json; truncation and padding are not looked at. A part that is
// missing or null does nothing. UserError names a part that is not supported.
PipelineParts parts_from_definition(const Json& definition);

}  // namespace alluvium
