#pragma once
// What a model said behind a prompt. Byte offsets of generated tokens are into whole_text().
#include <string>

#include "captures/routing_trace.h"

namespace alluvium {

// The column of PromptTable::extra that holds it; read from /prompts/generated.
inline constexpr const char* kGeneratedColumn = "generated";
// Bytes kept of it in the file for each token that may be generated. What goes on longer is cut at
// a character; tokens behind the cut have no text.
inline constexpr std::size_t kBytesOfGeneratedToken = 32;

// The prompt's text and what was generated behind it.
inline std::string whole_text(const PromptTable& prompts, std::size_t prompt) {
    const auto generated = prompts.extra.find(kGeneratedColumn);
    if (generated == prompts.extra.end()) return prompts.text[prompt];
    return prompts.text[prompt] + generated->second[prompt];
}

// Whether a row is of a token that stands in whole_text(): prompts are, generated tokens where
// their text is known.
inline bool stands_in_text(const TokenTable& tokens, std::size_t row) {
    if (tokens.phase.empty() || tokens.phase[row] == kPhasePrompt) return true;
    return tokens.phase[row] == kPhaseGenerated && tokens.byte_begin[row] < tokens.byte_end[row];
}

}  // namespace alluvium
