#pragma once
#include <string>
#include <vector>

#include "analysis/pairs/align_texts.h"
#include "app/views/ui.h"

namespace alluvium {

// The words of a text side by side, wrapped; `chosen` (-1: none) is marked. Returns the word that
// was clicked, or -1. Items are "##word0", "##word1", ...
int word_chips(Ui& ui, const std::string& text, const std::vector<TextSpan>& words, int chosen,
               const std::string& language);

}  // namespace alluvium
