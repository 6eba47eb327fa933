#pragma once
// Parallel texts in two languages, each with the request to reply in the one or the other: two
// factors, the language read and the language to be written, whose effects can be told apart.
#include <string>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

// Columns of the four prompts of a translation group.
inline constexpr const char* kReadColumn = "read";
inline constexpr const char* kWriteColumn = "write";

// `text` with "Reply in French." and a line that asks for the reply behind it. The request is in
// English whatever the text's language, so that what stands at the end of two prompts is the same
// where the same is asked for. UserError for a label that languages.json does not know.
std::string with_request(const std::string& text, const std::string& language);

// Where the request begins in a text of with_request(); its length where there is none.
std::size_t request_begin(const std::string& text);

// Of every group with a text in both languages four prompts: each text with each request. UserError
// where there are fewer than two such groups, or both languages are one.
std::vector<Prompt> request_prompts(const std::vector<Prompt>& texts, const std::string& first,
                                    const std::string& second);

}  // namespace alluvium
