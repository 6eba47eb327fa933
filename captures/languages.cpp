#include "captures/languages.h"

#include <algorithm>

#include "base/assets.h"
#include "base/error.h"
#include "base/json.h"

namespace alluvium {
namespace {

// Corpora write fra_Latn, fra-Latn and fra_latn for the same thing.
std::string fold(std::string_view label) {
    std::string folded(label);
    for (char& c : folded) {
        if (c == '-') c = '_';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return folded;
}

Language read_language(const Json& entry) {
    Language language;
    language.code = entry.at("code").get<std::string>();
    language.name = entry.value("name", language.code);
    language.native_name = entry.value("native_name", language.name);
    language.script = entry.value("script", "");
    language.right_to_left = entry.value("right_to_left", false);
    language.major = entry.value("major", false);
    language.resource = entry.value("resource", "");
    language.family = entry.value("family", "");
    language.branch = entry.value("branch", "");
    language.talk_expert = entry.value("talk_expert", -1);
    language.talk_family = entry.value("talk_family", "");
    language.aliases = entry.value("aliases", std::vector<std::string>());
    return language;
}

std::vector<std::string> parts_of(const std::string& stem) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= stem.size();) {
        const std::size_t end = std::min(stem.find_first_of("_.", begin), stem.size());
        parts.push_back(stem.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

}  // namespace

const LanguageTable& LanguageTable::instance() {
    static const LanguageTable table(find_asset("assets/languages.json").string());
    return table;
}

LanguageTable::LanguageTable(const std::string& json_path) {
    const Json file = read_json(json_path);
    try {
        for (const Json& entry : file.at("languages")) languages_.push_back(read_language(entry));
    } catch (const Json::exception& error) {
        throw UserError("'" + json_path + "' is no table of languages: " + error.what());
    }
    for (std::size_t i = 0; i < languages_.size(); ++i) {
        add_label(languages_[i].code, i, json_path);
        for (const std::string& alias : languages_[i].aliases) add_label(alias, i, json_path);
    }
}

void LanguageTable::add_label(const std::string& label, std::size_t language,
                              const std::string& json_path) {
    const auto [entry, is_new] = by_label_.emplace(fold(label), language);
    if (is_new || entry->second == language) return;
    throw UserError("'" + json_path + "': '" + label + "' stands for both " +
                    languages_[entry->second].name + " and " + languages_[language].name);
}

const Language* LanguageTable::find(std::string_view label) const {
    const auto found = by_label_.find(fold(label));
    return found == by_label_.end() ? nullptr : &languages_[found->second];
}

std::string language_of_stem(const std::string& stem, const LanguageTable& languages) {
    const std::vector<std::string> parts = parts_of(stem);
    for (std::size_t last = parts.size(); last-- > 0;) {
        const std::string pair = last == 0 ? parts[0] : parts[last - 1] + "_" + parts[last];
        if (languages.find(pair) != nullptr) return pair;
        if (languages.find(parts[last]) != nullptr) return parts[last];
    }
    return parts.back();
}

}  // namespace alluvium
