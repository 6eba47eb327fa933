#pragma once
// Language labels for planted analyses, with names and families from the program's own table.
#include <algorithm>
#include <string>
#include <vector>

#include "analysis/figures/groups.h"
#include "captures/languages.h"

namespace alluvium::test {

inline const LanguageTable& language_table() {
    static const LanguageTable table(ALLUVIUM_SOURCE_DIR "/assets/languages.json");
    return table;
}

// The first of the major languages, then of all 50; sorted, as an analysis has them.
inline std::vector<std::string> language_codes(std::size_t count) {
    std::vector<std::string> codes;
    for (const bool major : {true, false})
        for (const Language& language : language_table().all())
            if (language.major == major && codes.size() < count) codes.push_back(language.code);
    std::sort(codes.begin(), codes.end());
    return codes;
}

}  // namespace alluvium::test
