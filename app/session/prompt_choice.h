#pragma once
// Which prompts the next Run takes: a prompt set that comes with the program or a file, narrowed to
// some languages, or a text of one's own.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "captures/prompt_file.h"

namespace alluvium {

struct PromptChoice {
    std::string set = {};                     // path of a prompt file; empty: the own text
    std::vector<std::string> languages = {};  // empty: all of the set
    std::uint32_t groups = 0;                 // only the first so many translation groups; 0: all
    std::string own_text = {};                // one prompt a line
    std::string own_language = {};

    bool operator==(const PromptChoice&) const = default;
};

// A prompt set as a list of languages to choose from.
struct PromptSet {
    std::string path;
    std::string name;  // the file's stem
    std::vector<Prompt> prompts = {};
    std::vector<std::string> languages = {};  // in order of appearance
    std::uint32_t groups = 0;                 // distinct translation groups; 0: not parallel
};

// The files of assets/prompts, by name. Empty where there are none.
std::vector<std::string> builtin_prompt_files();

// UserError where the file is not a prompt file.
PromptSet read_prompt_set(const std::string& path);

// The prompts that `choice` takes from `set`; of the own text where choice.set is empty (then `set`
// is not looked at). UserError where nothing is left, saying what to change.
std::vector<Prompt> chosen_prompts(const PromptChoice& choice, const PromptSet& set);

Json prompt_choice_json(const PromptChoice& choice);
PromptChoice prompt_choice_from_json(const Json& json);

}  // namespace alluvium
