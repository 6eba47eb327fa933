#pragma once
#include <filesystem>

namespace alluvium {

// Copies what belongs to a checkpoint besides config and weights: the tokenizer's files, the chat
// template, the generation config. Files that are not there are skipped. RunError where the disk is
// full.
void copy_side_files(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace alluvium
