#include <algorithm>
#include <array>

#include "captures/corpora/readers.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

constexpr std::array<std::string_view, 3> kSplits{"train", "dev", "test"};

bool is_split(std::string_view name) {
    return std::ranges::count(kSplits, name) > 0;
}

void read_table(const std::filesystem::path& path, const std::string& language,
                const std::string& split, std::vector<Prompt>& prompts) {
    const TextLines file(path.string());
    for (const TextLine& line : file.lines()) {
        if (line.number == 1 || line.text.empty()) continue;
        const std::size_t first = line.text.find('\t');
        const std::size_t second =
            first == std::string_view::npos ? first : line.text.find('\t', first + 1);
        if (second == std::string_view::npos) {
            file.fail(line, "fewer than the three columns index_id, category and text");
        }
        Prompt prompt;
        prompt.group = line.text.substr(0, first);
        prompt.domain = line.text.substr(first + 1, second - first - 1);
        prompt.text = line.text.substr(second + 1);
        prompt.language = language;
        prompt.extra["split"] = split;
        if (prompt.text.empty()) file.fail(line, "no text");
        prompts.push_back(std::move(prompt));
    }
}

}  // namespace

std::vector<Prompt> read_sib200(const std::string& folder) {
    std::vector<Prompt> prompts;
    for (const std::filesystem::path& path : files_in(folder)) {
        const std::string stem = path.stem().string();
        const std::string split = std::filesystem::path(stem).extension().string();
        if (path.extension() != ".tsv" || split.empty() || !is_split(split.substr(1))) continue;
        read_table(path, std::filesystem::path(stem).stem().string(), split.substr(1), prompts);
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.is_directory()) continue;
        for (const std::filesystem::path& path : files_in(entry.path().string())) {
            if (path.extension() != ".tsv" || !is_split(path.stem().string())) continue;
            read_table(path, entry.path().filename().string(), path.stem().string(), prompts);
        }
    }
    if (prompts.empty()) refuse_folder(folder, "LANGUAGE.{train,dev,test}.tsv");
    return prompts;
}

}  // namespace alluvium
