#include <algorithm>

#include "captures/corpora/readers.h"
#include "captures/languages.h"
#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

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
        const std::string language = language_of_stem(path.stem().string(), LanguageTable::instance());
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
