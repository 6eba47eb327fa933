#include <map>

#include "base/error.h"
#include "captures/corpora/readers.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

using Path = std::filesystem::path;

class PairReader {
  public:
    // `path` is tatoeba.LANG-eng.LANG; the English side lies beside it.
    void read(const Path& path, const std::string& language) {
        const TextLines file(path.string());
        const TextLines english(Path(path).replace_extension(".eng").string());
        if (file.lines().size() != english.lines().size()) {
            throw UserError("'" + file.path() + "' has " + std::to_string(file.lines().size()) +
                            " lines, '" + english.path() + "' has " +
                            std::to_string(english.lines().size()));
        }
        for (std::size_t i = 0; i < file.lines().size(); ++i) {
            if (file.lines()[i].text.empty() || english.lines()[i].text.empty()) continue;
            const std::string group = english_group(std::string(english.lines()[i].text));
            add(std::string(file.lines()[i].text), language, group);
        }
    }
    std::vector<Prompt> take() { return std::move(prompts_); }

  private:
    std::string english_group(const std::string& sentence) {
        const std::string next = std::to_string(groups_.size() + 1);
        const auto [entry, is_new] = groups_.emplace(sentence, next);
        if (is_new) add(sentence, "eng", next);
        return entry->second;
    }

    void add(const std::string& text, const std::string& language, const std::string& group) {
        Prompt prompt;
        prompt.text = text;
        prompt.language = language;
        prompt.group = group;
        prompts_.push_back(std::move(prompt));
    }

    std::map<std::string, std::string> groups_;  // English sentence -> group
    std::vector<Prompt> prompts_;
};

}  // namespace

std::vector<Prompt> read_tatoeba(const std::string& folder) {
    PairReader reader;
    for (const Path& path : files_in(folder)) {
        const std::string ending = path.extension().string();
        if (ending.size() < 2 || ending == ".eng") continue;
        const std::string language = ending.substr(1);
        if (path.stem().string() == "tatoeba." + language + "-eng") reader.read(path, language);
    }
    std::vector<Prompt> prompts = reader.take();
    if (prompts.empty()) refuse_folder(folder, "tatoeba.LANGUAGE-eng.{LANGUAGE,eng}");
    return prompts;
}

}  // namespace alluvium
