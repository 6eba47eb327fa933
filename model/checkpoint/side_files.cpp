#include "model/checkpoint/side_files.h"

#include <array>

#include "base/files.h"

namespace alluvium {
namespace {

constexpr std::array kSideFiles = {
    "tokenizer.json",     "tokenizer_config.json",   "vocab.json",      "merges.txt",
    "added_tokens.json",  "special_tokens_map.json", "tokenizer.model", "chat_template.jinja",
    "chat_template.json", "generation_config.json"};

}  // namespace

void copy_side_files(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const char* name : kSideFiles) {
        if (!std::filesystem::exists(from / name)) continue;
        write_file_atomically(to / name, read_file(from / name));
    }
}

}  // namespace alluvium
