#include <set>

#include "base/files.h"
#include "captures/corpora/readers.h"
#include "captures/corpora/xml_file.h"
#include "captures/corpora/zip_file.h"

namespace alluvium {
namespace {

using Path = std::filesystem::path;

std::string read_memory(const Path& path) {
    return path.extension() == ".zip" ? read_single_file_zip(path) : read_file(path);
}

bool is_memory(const Path& path) {
    return path.extension() == ".tmx" ||
           (path.extension() == ".zip" && path.stem().extension() == ".tmx");
}

// TMX 1.4: /tmx/body/tu[tuid]/tuv[xml:lang]/seg.
class MemoryReader {
  public:
    void read(const Path& path) {
        const pugi::xml_document document = parse_xml(read_memory(path), path.string());
        for (const auto& unit : document.child("tmx").child("body").children("tu")) {
            const std::string id = unit.attribute("tuid").value();
            for (const auto& variant : unit.children("tuv")) add(id, variant);
        }
    }
    std::vector<Prompt> take() { return std::move(prompts_); }

  private:
    void add(const std::string& unit, const pugi::xml_node& variant) {
        Prompt prompt;
        prompt.language = variant.attribute("xml:lang").value();
        prompt.text = collapse_spaces(text_below(variant.child("seg")));
        prompt.group = unit;
        prompt.domain = "medical";
        prompt.extra["source"] = unit.substr(0, unit.find(':'));
        // Every memory repeats the English sentences.
        if (prompt.text.empty() || !seen_.insert(prompt.language + '\t' + unit).second) return;
        prompts_.push_back(std::move(prompt));
    }

    std::set<std::string> seen_;
    std::vector<Prompt> prompts_;
};

}  // namespace

std::vector<Prompt> read_tico19(const std::string& folder) {
    MemoryReader reader;
    const Path below = Path(folder) / "TM";
    const std::string where = std::filesystem::is_directory(below) ? below.string() : folder;
    for (const Path& path : files_in(where)) {
        if (is_memory(path)) reader.read(path);
    }
    std::vector<Prompt> prompts = reader.take();
    if (prompts.empty()) refuse_folder(folder, "translation memories (*.tmx or *.tmx.zip)");
    return prompts;
}

}  // namespace alluvium
