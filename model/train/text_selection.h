#pragma once
#include <string>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

// Which of the given texts a model learns from.
struct TextSelection {
    std::vector<std::string> only_languages;  // empty: all
    std::string without_domain;               // empty: none is left out
};

// UserError where nothing is left.
std::vector<Prompt> select_texts(std::vector<Prompt> texts, const TextSelection& selection);

}  // namespace alluvium
