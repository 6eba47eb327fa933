#include <filesystem>

#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {

std::vector<NumberedPrompt> read_txt_prompts(const std::string& path) {
    const std::string stem = std::filesystem::path(path).stem().string();
    const std::size_t dot = stem.rfind('.');
    const std::string domain = dot == std::string::npos ? "" : stem.substr(0, dot);
    const std::string language = dot == std::string::npos ? stem : stem.substr(dot + 1);

    const TextLines file(path);
    std::vector<NumberedPrompt> prompts;
    for (const TextLine& line : file.lines()) {
        if (line.text.find_first_not_of(" \t") == std::string_view::npos) continue;
        Prompt prompt;
        prompt.text = line.text;
        prompt.language = language;
        prompt.domain = domain;
        prompts.push_back({line.number, std::move(prompt)});
    }
    return prompts;
}

}  // namespace alluvium
