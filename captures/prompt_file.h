#pragma once
// Prompt files: .txt, .tsv and .jsonl, as docs/prompt_files.md describes them.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace alluvium {

struct Prompt {
    std::string id;  // given, or FILE_STEM:LINE
    std::string text;
    std::string language;  // any label; empty where the file does not say
    std::string group;     // ties translations of one sentence together; may be empty
    std::string domain;
    std::map<std::string, std::string> extra;
    std::vector<std::uint32_t> ids;  // token ids given instead of text (.jsonl): used as they are
};

// The prompts of all files in order. UserError names file and line: no such column, no text,
// malformed UTF-8 with its byte offset, duplicate id, unknown ending, no prompt at all.
std::vector<Prompt> read_prompt_files(const std::vector<std::string>& paths);

// What verdicts call the prompts of these files: their names without folder and ending.
std::string prompt_set_name(const std::vector<std::string>& paths);

// Identifies a set of prompts: equal for equal texts (or ids), languages and groups in the same
// order. 16 hex digits; against mix-ups, not against forgery.
std::string prompt_set_hash(const std::vector<Prompt>& prompts);

// As .tsv with a header row; tabs, line ends and backslashes in texts are escaped as \t, \n, \r
// and \\. UserError for prompts of token ids, which only .jsonl can hold.
void write_prompt_tsv(const std::vector<Prompt>& prompts, const std::string& path);

}  // namespace alluvium
