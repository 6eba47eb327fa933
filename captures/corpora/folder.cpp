#include <algorithm>

#include "base/error.h"
#include "captures/corpora/readers.h"

namespace alluvium {

std::vector<std::filesystem::path> files_in(const std::string& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

void refuse_folder(const std::string& folder, const std::string& expected) {
    throw UserError("'" + folder + "' holds no " + expected,
                    "give the folder that holds the corpus's files, as its publisher names them");
}

std::string collapse_spaces(std::string_view text) {
    std::string collapsed;
    bool space = false;
    for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            space = !collapsed.empty();
            continue;
        }
        if (space) collapsed += ' ';
        space = false;
        collapsed += c;
    }
    return collapsed;
}

}  // namespace alluvium
