#pragma once
// What is known about the 50 languages (assets/languages.json).
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

struct Language {
    std::string code;         // the label used in prompt files and traces, e.g. "fr"
    std::string name;         // English name
    std::string native_name;  // in its own script
    std::string script;       // ISO 15924, e.g. "Latn"
    bool right_to_left = false;
    bool major = false;    // one of the 12 major languages of the talk
    std::string resource;  // "high", "medium" or "low"
    std::string family;    // linguists' family, for analysis, e.g. "Indo-European"
    std::string branch;    // e.g. "Romance"
    int talk_expert = -1;  // family expert 0..6 of the talk's table, for training
    std::string talk_family;
    std::vector<std::string> aliases;  // codes that corpora use: "fra_Latn", "fra", "fr_XX", ...
};

class LanguageTable {
  public:
    // assets/languages.json; read once.
    static const LanguageTable& instance();
    // UserError names what is malformed, or the label that two languages share.
    explicit LanguageTable(const std::string& json_path);

    const std::vector<Language>& all() const { return languages_; }
    // By code or alias, whatever the case and whether '-' or '_' joins the parts; nullptr for a
    // label it does not know.
    const Language* find(std::string_view label) const;

  private:
    void add_label(const std::string& label, std::size_t language, const std::string& json_path);

    std::vector<Language> languages_;
    std::map<std::string, std::size_t> by_label_;  // folded code or alias -> place in languages_
};

// The last known code or alias in a file's stem, else its last part: "apollo_dev_ar" is "ar", and
// "news_es_LA" is "es_LA", although LA alone would be Latin.
std::string language_of_stem(const std::string& stem, const LanguageTable& languages);

}  // namespace alluvium
