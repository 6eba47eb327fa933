#include "model/tokenizer/pipeline_parts.h"

#include "base/error.h"
#include "model/tokenizer/models/bpe_model.h"

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

PipelineParts parts_from_definition(const Json& definition) {
    const DefinitionPart whole(definition, "tokenizer");
    const auto part = [&](const char* key) { return DefinitionPart(definition[key], key); };
    if (!definition.is_object() || !whole.has("model")) {
        throw UserError("the tokenizer's definition has no model",
                        "the file may be damaged; fetch it again");
    }
    PipelineParts parts;
    parts.model = read_model(part("model"));
    if (whole.has("normalizer")) parts.normalizer = read_normalizer(part("normalizer"));
    if (whole.has("added_tokens")) parts.added_tokens = definition["added_tokens"];
    if (whole.has("pre_tokenizer")) {
        parts.pre_tokenizers = read_pre_tokenizers(part("pre_tokenizer"));
    }
    if (whole.has("post_processor")) parts.frame = read_special_frame(part("post_processor"));
    if (whole.has("decoder")) parts.decoder = read_decoder(part("decoder"));
    return parts;
}

}  // namespace alluvium
