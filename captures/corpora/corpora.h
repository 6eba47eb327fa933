#pragma once
// Human-translated parallel corpora, in the folders their publishers hand out, as grouped prompts.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

struct CorpusRequest {
    std::string folder;
    std::vector<std::string> languages;  // codes or aliases to keep; empty: all there are
    std::size_t max_groups = 0;          // the first so many translation groups; 0: all
};

struct CorpusReader {
    std::string_view name;         // as on the command line
    std::string_view description;  // one line, for --help
    // All prompts of a folder, in any order, without ids; `group` is unique within the corpus and
    // `language` the label that the corpus uses.
    std::vector<Prompt> (*read)(const std::string& folder);
};

std::span<const CorpusReader> corpus_readers();

// Translations of one sentence follow each other and share `group` ("sib200/548"); languages are
// the codes of languages.json where it knows the corpus's label, else that label; ids are
// "sib200/548:fr". UserError: unknown corpus, no such folder, no file of that corpus in it, a
// malformed file by name and line, a language that the corpus does not have.
std::vector<Prompt> read_corpus(std::string_view corpus, const CorpusRequest& request);

}  // namespace alluvium
