#include "base/files.h"
#include "captures/corpora/readers.h"
#include "captures/corpora/xml_file.h"

namespace alluvium {
namespace {

constexpr std::string_view kPrefix = "udhr_";

// Paragraphs and list items, one a line.
void collect_paragraphs(const pugi::xml_node& node, std::string& text) {
    for (const pugi::xml_node& child : node.children()) {
        const std::string_view name = child.name();
        if (name == "title" || name == "note") continue;
        if (name != "para") {
            collect_paragraphs(child, text);
            continue;
        }
        const std::string paragraph = collapse_spaces(text_below(child));
        if (!paragraph.empty()) text += (text.empty() ? "" : "\n") + paragraph;
    }
}

}  // namespace

std::vector<Prompt> read_udhr(const std::string& folder) {
    std::vector<Prompt> prompts;
    for (const std::filesystem::path& path : files_in(folder)) {
        const std::string stem = path.stem().string();
        if (path.extension() != ".xml" || !stem.starts_with(kPrefix)) continue;
        const pugi::xml_document document = parse_xml(read_file(path), path.string());
        for (const pugi::xml_node& article : document.child("udhr").children("article")) {
            Prompt prompt;
            prompt.language = stem.substr(kPrefix.size());
            prompt.group = article.attribute("number").value();
            prompt.domain = "legal";
            collect_paragraphs(article, prompt.text);
            if (!prompt.text.empty()) prompts.push_back(std::move(prompt));
        }
    }
    if (prompts.empty()) refuse_folder(folder, "udhr_LANGUAGE.xml");
    return prompts;
}

}  // namespace alluvium
