#pragma once
// What is known about the 50 languages (assets/languages.json).
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
    explicit LanguageTable(const std::string& json_path);

    const std::vector<Language>& all() const { return languages_; }
    // By code or alias, case-insensitive; nullptr for a label it does not know.
    const Language* find(std::string_view label) const;

  private:
    std::vector<Language> languages_;
};

}  // namespace alluvium
