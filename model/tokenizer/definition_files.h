#pragma once
// The files of a checkpoint folder that say how it tokenizes.
#include <filesystem>
#include <optional>
#include <string>

#include "model/tokenizer/pipeline_parts.h"

namespace alluvium {

struct TokenizerFiles {
    PipelineParts parts;
    std::string source;              // the file that the parts are from, quoted, for errors
    std::string id;                  // hash of the names and bytes of the files that define it
    std::optional<std::string> bos;  // as the configuration files say
    std::optional<std::string> eos;
};

// Reads, of what is there, the first of: tokenizer.json; vocab.json with merges.txt;
// tokenizer.model (SentencePiece, or tiktoken as Llama 3 has it); a .tiktoken file. UserError names
// the file and what is wrong with it or not supported.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& folder);

}  // namespace alluvium
