#include <algorithm>

#include "captures/corpora/readers.h"
#include "captures/languages.h"
#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

std::vector<std::string> parts_of(const std::string& stem) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= stem.size();) {
        const std::size_t end = std::min(stem.find_first_of("_.", begin), stem.size());
        parts.push_back(stem.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

// The last known code or alias in the stem, else its last part: "apollo_dev_ar" is Arabic, and
// "news_es_LA" Spanish, although LA alone would be Latin.
std::string language_of_stem(const std::string& stem) {
    const std::vector<std::string> parts = parts_of(stem);
    const LanguageTable& languages = LanguageTable::instance();
    for (std::size_t last = parts.size(); last-- > 0;) {
        const std::string pair = last == 0 ? parts[0] : parts[last - 1] + "_" + parts[last];
        if (languages.find(pair) != nullptr) return pair;
        if (languages.find(parts[last]) != nullptr) return parts[last];
    }
    return parts.back();
}

bool has_header(const TextLines& file) {
    if (file.lines().empty()) return false;
    const std::vector<std::string> fields = split_row(file.lines().front().text);
    return std::ranges::count(fields, "text") > 0;
}

std::vector<NumberedPrompt> read_bare(const TextLines& file) {
    std::vector<NumberedPrompt> prompts;
    for (const TextLine& line : file.lines()) {
        if (line.text.empty()) continue;
        Prompt prompt;
        prompt.text = split_row(line.text).front();
        if (prompt.text.empty()) file.fail(line, "no text in the first column");
        prompts.push_back({line.number, std::move(prompt)});
    }
    return prompts;
}

}  // namespace

std::vector<Prompt> read_tsv_folder(const std::string& folder) {
    std::vector<Prompt> all;
    for (const std::filesystem::path& path : files_in(folder)) {
        if (path.extension() != ".tsv") continue;
        const TextLines file(path.string());
        const std::string language = language_of_stem(path.stem().string());
        for (auto& [line, prompt] :
             has_header(file) ? read_tsv_prompts(path.string()) : read_bare(file)) {
            if (prompt.language.empty()) prompt.language = language;
            if (prompt.group.empty()) prompt.group = prompt.id;
            if (prompt.group.empty()) prompt.group = std::to_string(line);
            prompt.id.clear();
            all.push_back(std::move(prompt));
        }
    }
    if (all.empty()) refuse_folder(folder, "*.tsv with prompts");
    return all;
}

}  // namespace alluvium
