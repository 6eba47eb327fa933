#pragma once
// The corpora's own layouts, one file each. All: UserError where the folder holds no file of the
// kind, or a malformed one.
#include <filesystem>
#include <string>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

// LANG.SPLIT.tsv, or LANG/SPLIT.tsv as published: index_id, category, text. group: index_id,
// domain: category, extra "split".
std::vector<Prompt> read_sib200(const std::string& folder);

// SPLIT/LANG.SPLIT or LANG.SPLIT with one sentence a line; metadata_SPLIT.tsv, where it is there,
// gives the domain. group: SPLIT-LINE, extra "split".
std::vector<Prompt> read_flores(const std::string& folder);

// udhr_LANG.xml. group: the article's number, domain "legal". Titles, notes and the preamble, whose
// paragraphs are not parallel, are left out.
std::vector<Prompt> read_udhr(const std::string& folder);

// Translation memories in the folder or in its TM/: *.tmx or *.tmx.zip, each English with one more
// language. group: the unit's id, domain "medical", extra "source": the unit's source text. English
// is taken once.
std::vector<Prompt> read_tico19(const std::string& folder);

// tatoeba.LANG-eng.{LANG,eng}, parallel by line. Sentences with the same English share a group.
std::vector<Prompt> read_tatoeba(const std::string& folder);

// *.tsv, the language being the last known code in the stem. With a header row that names a column
// `text` a prompt file, aligned by group, else id, else line; without one the first column is the
// text and lines are aligned.
std::vector<Prompt> read_tsv_folder(const std::string& folder);

// Regular files of a folder in alphabetical order.
std::vector<std::filesystem::path> files_in(const std::string& folder);

// UserError that says which file names were expected.
[[noreturn]] void refuse_folder(const std::string& folder, const std::string& expected);

// Runs of white space become one space, none is left at the ends.
std::string collapse_spaces(std::string_view text);

}  // namespace alluvium
