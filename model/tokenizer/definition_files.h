#pragma once
// The files of a checkpoint folder that say how it tokenizes.
#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"

namespace alluvium {

struct TokenizerFiles {
    Json definition;                 // in the form of tokenizer.json
    std::filesystem::path source;    // the file to name in errors
    std::string id;                  // hash of the names and bytes of the files that define it
    std::optional<std::string> bos;  // as the configuration files say
    std::optional<std::string> eos;
};

// Reads tokenizer.json or, where there is none, assembles the same from vocab.json and merges.txt.
// UserError where the folder has neither, or where nothing says which pipeline belongs to the
// vocabulary.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& folder);

}  // namespace alluvium
