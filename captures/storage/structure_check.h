#pragma once
#include <cstdint>
#include <string>

#include "captures/storage/header_reader.h"

namespace alluvium {

// Completes the header (token count, warnings) and refuses what cannot be read: an array of another
// shape than the rest of the file implies, or one that ends after the end of the file. Prompts
// whose rows do not exist are taken as not done, with a warning. UserError names the dataset.
void check_structure(FileContents& contents, const std::string& path, std::uint64_t file_bytes);

}  // namespace alluvium
