#include "analysis/pairs/language_request.h"

#include <map>

#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

constexpr const char* kRequest = "\nReply in ";
constexpr const char* kReply = ".\nReply:";

const Language& known(const std::string& label) {
    if (const Language* language = LanguageTable::instance().find(label)) return *language;
    throw UserError("'" + label + "' is no language that can be asked for",
                    "use a code of assets/languages.json, for example fr");
}

}  // namespace

std::string with_request(const std::string& text, const std::string& language) {
    return text + kRequest + known(language).name + kReply;
}

std::size_t request_begin(const std::string& text) {
    return std::min(text.rfind(kRequest), text.size());
}

std::vector<Prompt> request_prompts(const std::vector<Prompt>& texts, const std::string& first,
                                    const std::string& second) {
    const std::string codes[] = {known(first).code, known(second).code};
    if (codes[0] == codes[1]) {
        throw UserError("both languages are " + codes[0], "name two languages");
    }
    std::map<std::string, const Prompt*> found[2];  // by group
    std::vector<std::string> groups;                // in the order of the file
    for (const Prompt& prompt : texts) {
        if (prompt.group.empty() || prompt.text.empty()) continue;
        const Language* language = LanguageTable::instance().find(prompt.language);
        for (std::size_t side = 0; language != nullptr && side < 2; ++side) {
            if (language->code != codes[side]) continue;
            if (found[side].emplace(prompt.group, &prompt).second &&
                found[1 - side].contains(prompt.group)) {
                groups.push_back(prompt.group);
            }
        }
    }
    if (groups.size() < 2) {
        throw UserError(std::to_string(groups.size()) + " of the texts are there in both " +
                            codes[0] + " and " + codes[1] + ", an interval needs more",
                        "choose languages of one prompt set whose texts are translations");
    }
    std::vector<Prompt> prompts;
    for (const std::string& group : groups) {
        for (std::size_t read = 0; read < 2; ++read) {
            for (const std::string& write : codes) {
                Prompt prompt = *found[read].at(group);
                prompt.id += ">" + write;
                prompt.language = codes[read];
                prompt.text = with_request(prompt.text, write);
                prompt.extra[kReadColumn] = codes[read];
                prompt.extra[kWriteColumn] = write;
                prompts.push_back(std::move(prompt));
            }
        }
    }
    return prompts;
}

}  // namespace alluvium
