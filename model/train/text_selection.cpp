#include "model/train/text_selection.h"

#include <algorithm>

#include "base/error.h"

namespace alluvium {

std::vector<Prompt> select_texts(std::vector<Prompt> texts, const TextSelection& selection) {
    const std::vector<std::string>& only = selection.only_languages;
    std::erase_if(texts, [&](const Prompt& text) {
        const bool wanted = only.empty() || std::ranges::find(only, text.language) != only.end();
        const bool left_out =
            !selection.without_domain.empty() && text.domain == selection.without_domain;
        return !wanted || left_out;
    });
    if (texts.empty()) {
        throw UserError("the choice of languages and domains leaves no text to learn from",
                        "languages are codes as in the texts' column 'language', domains as in "
                        "their column 'domain'");
    }
    return texts;
}

}  // namespace alluvium
