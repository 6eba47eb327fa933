#pragma once
// One reader per ending. A prompt that the file gives no id has an empty one.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

struct NumberedPrompt {
    std::size_t line = 0;  // from 1
    Prompt prompt;
};

// One prompt a line; empty lines are passed over. The stem's last part is the language, what is
// before it the domain: "fr.txt", "medical.fr.txt".
std::vector<NumberedPrompt> read_txt_prompts(const std::string& path);

// A header row, then one prompt a row. Nothing is quoted; \t, \n, \r and \\ are what they stand
// for.
std::vector<NumberedPrompt> read_tsv_prompts(const std::string& path);

// One object a line. "ids" instead of "text": token ids as they are.
std::vector<NumberedPrompt> read_jsonl_prompts(const std::string& path);

// The columns of one row, unescaped.
std::vector<std::string> split_row(std::string_view row);

// The inverse of what read_tsv_prompts does to a field.
std::string escape_field(const std::string& text);

}  // namespace alluvium
