#include <array>
#include <map>

#include "captures/corpora/readers.h"
#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

using Path = std::filesystem::path;

// The column `domain` of metadata_SPLIT.tsv, by line from 0; empty where there is no such file.
std::vector<std::string> read_domains(const Path& folder, const std::string& split) {
    const Path path = folder / ("metadata_" + split + ".tsv");
    if (!std::filesystem::exists(path)) return {};
    const TextLines file(path.string());
    std::vector<std::string> domains;
    std::size_t column = 0;
    for (const TextLine& line : file.lines()) {
        std::vector<std::string> fields = split_row(line.text);
        if (line.number == 1) {
            while (column < fields.size() && fields[column] != "domain") ++column;
            if (column == fields.size()) file.fail(line, "no column 'domain'");
        } else if (column < fields.size()) {
            domains.push_back(fields[column]);
        } else {
            file.fail(line, "fewer columns than the first row");
        }
    }
    return domains;
}

void read_sentences(const Path& path, const std::string& split,
                    const std::vector<std::string>& domains, std::vector<Prompt>& prompts) {
    const TextLines file(path.string());
    for (const TextLine& line : file.lines()) {
        if (line.text.empty()) continue;
        Prompt prompt;
        prompt.text = line.text;
        prompt.language = path.stem().string();
        prompt.group = split + "-" + std::to_string(line.number);
        if (line.number <= domains.size()) prompt.domain = domains[line.number - 1];
        prompt.extra["split"] = split;
        prompts.push_back(std::move(prompt));
    }
}

}  // namespace

std::vector<Prompt> read_flores(const std::string& folder) {
    std::vector<Prompt> prompts;
    for (const std::string split : {"dev", "devtest"}) {
        const std::vector<std::string> domains = read_domains(folder, split);
        const Path below = Path(folder) / split;
        const std::string where = std::filesystem::is_directory(below) ? below.string() : folder;
        for (const Path& path : files_in(where)) {
            if (path.extension() == "." + split) read_sentences(path, split, domains, prompts);
        }
    }
    if (prompts.empty()) refuse_folder(folder, "dev/LANGUAGE.dev or devtest/LANGUAGE.devtest");
    return prompts;
}

}  // namespace alluvium
