#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/utf8.h"
#include "captures/languages.h"
#include "captures/prompt_file.h"
#include "tests/captures/written_text.h"
#include "tests/support/reference_data.h"

namespace alluvium {
namespace {

using Labels = std::set<std::string>;

const std::string kAssets = ALLUVIUM_SOURCE_DIR "/assets/";
const std::vector<std::string> kSets = {"first", "majors", "world"};

std::string set_path(const std::string& name) {
    return kAssets + "prompts/" + name + ".tsv";
}

std::vector<Prompt> prompt_set(const std::string& name) {
    return read_prompt_files({set_path(name)});
}

const LanguageTable& languages() {
    static const LanguageTable table(kAssets + "languages.json");
    return table;
}

Labels codes_where(bool (*wanted)(const Language&)) {
    Labels codes;
    for (const Language& language : languages().all()) {
        if (wanted(language)) codes.insert(language.code);
    }
    return codes;
}

Labels all_codes() {
    return codes_where([](const Language&) { return true; });
}

Labels major_codes() {
    return codes_where([](const Language& language) { return language.major; });
}

Labels split(const std::string& words) {
    const std::regex word(R"(\S+)");
    return {std::sregex_token_iterator(words.begin(), words.end(), word), {}};
}

// "3 tablets a day for 7 days" gives {"3", "7"}: order differs between languages.
std::multiset<std::string> numbers(const std::string& text) {
    const std::regex number("[0-9]+");
    return {std::sregex_token_iterator(text.begin(), text.end(), number), {}};
}

TEST_CASE("every prompt set says each of its sentences once in each of its languages") {
    const auto [name, group_count, expected] =
        GENERATE_COPY(table<std::string, std::size_t, Labels>({{"first", 12, major_codes()},
                                                               {"majors", 24, major_codes()},
                                                               {"world", 12, all_codes()}}));
    CAPTURE(name);
    std::map<std::string, std::vector<std::string>> languages_of;
    Labels ids;
    for (const Prompt& prompt : prompt_set(name)) {
        languages_of[prompt.group].push_back(prompt.language);
        ids.insert(prompt.id);
        CHECK_FALSE(prompt.text.empty());
        CHECK(prompt.id == prompt.group + "." + prompt.language);
    }
    CHECK(languages_of.size() == group_count);
    CHECK(ids.size() == group_count * expected.size());
    for (const auto& [group, spoken] : languages_of) {
        CAPTURE(group);
        CHECK(spoken.size() == expected.size());
        CHECK(Labels(spoken.begin(), spoken.end()) == expected);
    }
}

TEST_CASE("half of every prompt set is medical, and all of it is marked as a demonstration") {
    const std::string name = GENERATE(from_range(kSets));
    CAPTURE(name);
    std::map<std::string, std::size_t> domains;
    const std::vector<Prompt> prompts = prompt_set(name);
    for (const Prompt& prompt : prompts) {
        ++domains[prompt.domain];
        CHECK(prompt.extra.at("status") == "demonstration");
        CHECK(prompt.extra.contains("note"));
    }
    CHECK(domains.size() == 2);
    CHECK(domains["medical"] == prompts.size() / 2);
    CHECK(domains["everyday"] == prompts.size() / 2);
}

TEST_CASE("a sentence that several prompt sets hold is the same in all of them") {
    std::map<std::string, std::string> text_of;
    for (const std::string& name : kSets) {
        for (const Prompt& prompt : prompt_set(name)) {
            const auto [known, is_new] = text_of.emplace(prompt.id, prompt.text);
            CAPTURE(name, prompt.id);
            CHECK(known->second == prompt.text);
            CHECK((is_new || name != "first"));
        }
    }
    CHECK(text_of.size() == 12 * 50 + 12 * 12);
}

TEST_CASE("translations of one sentence hold the same numbers") {
    const std::string name = GENERATE(from_range(kSets));
    std::map<std::string, std::multiset<std::string>> numbers_of;
    const std::vector<Prompt> prompts = prompt_set(name);
    for (const Prompt& prompt : prompts) {
        if (prompt.language == "en") numbers_of[prompt.group] = numbers(prompt.text);
    }
    for (const Prompt& prompt : prompts) {
        CAPTURE(prompt.id, prompt.text);
        CHECK(numbers(prompt.text) == numbers_of.at(prompt.group));
    }
}

TEST_CASE("prompt sets are valid UTF-8 in composed form") {
    const std::string name = GENERATE(from_range(kSets));
    CAPTURE(name);
    CHECK_FALSE(first_invalid_utf8(read_file(set_path(name))).has_value());
    for (const Prompt& prompt : prompt_set(name)) {
        CAPTURE(prompt.id, prompt.text);
        CHECK(test::is_surely_nfc(prompt.text));
    }
}

TEST_CASE("every prompt and native name is written in the script of its language") {
    for (const std::string& name : kSets) {
        for (const Prompt& prompt : prompt_set(name)) {
            CAPTURE(name, prompt.id, prompt.text);
            const Language* language = languages().find(prompt.language);
            REQUIRE(language != nullptr);
            CHECK(language->code == prompt.language);
            CHECK(test::script_share(prompt.text, language->script) >= 0.9);
        }
    }
    for (const Language& language : languages().all()) {
        CAPTURE(language.code, language.native_name);
        CHECK(test::script_share(language.native_name, language.script) >= 0.9);
    }
}

TEST_CASE("the script and composition checks refuse what they are there for") {
    CHECK(test::script_share("вода water", "Cyrl") == 4.0 / 9.0);
    CHECK(test::script_share("ὕδωρ", "Latn") == 0.0);  // a script that no language here uses
    CHECK(test::script_share("12, 5!", "Latn") == 0.0);
    CHECK(test::is_surely_nfc("caf\u00e9"));
    CHECK_FALSE(test::is_surely_nfc("cafe\u0301"));
    CHECK_FALSE(test::is_surely_nfc("\u0958"));              // qa, which NFC takes apart
    CHECK_FALSE(test::is_surely_nfc("\u0e01\u0e48\u0e38"));  // Thai tone before vowel
    CHECK(test::is_surely_nfc("\u0e01\u0e38\u0e48"));
}

TEST_CASE("fifty languages, twelve of them major, three written from right to left") {
    CHECK(languages().all().size() == 50);
    CHECK(all_codes().size() == 50);
    CHECK(major_codes() == split("ar de en es fr hi it ja ko pt ru zh"));
    CHECK(codes_where([](const Language& language) { return language.right_to_left; }) ==
          split("ar ckb he"));
}

TEST_CASE("the seven family experts are those of the talk's code") {
    // src/prepare/data_process_train_prodata_qwen2_language_family.py of ApolloMoE, `language_ids`.
    const std::vector<Labels> expected = {
        split("zh"),
        split("ko ja ne"),
        split("th vi lo"),
        split("mg ceb su ilo doi"),
        split("en de pt es fr ru hi it hr gl cs co lb la uk bs bg eo mai sr sq sk da sa no gn gd"),
        split("ar ckb mt he"),
        split("ln bm sw nso ig rw ha")};
    std::vector<Labels> experts(expected.size());
    std::map<int, Labels> names;
    for (const Language& language : languages().all()) {
        experts.at(static_cast<std::size_t>(language.talk_expert)).insert(language.code);
        names[language.talk_expert].insert(language.talk_family);
    }
    CHECK(experts == expected);
    for (const auto& [expert, labels] : names) {
        CAPTURE(expert);
        CHECK(labels.size() == 1);
    }
}

TEST_CASE("families are the linguists' where the talk's table errs") {
    const auto [code, family, branch] = GENERATE(
        table<std::string, std::string, std::string>({{"ne", "Indo-European", "Indo-Aryan"},
                                                      {"doi", "Indo-European", "Indo-Aryan"},
                                                      {"ckb", "Indo-European", "Iranian"},
                                                      {"ha", "Afro-Asiatic", "Chadic"},
                                                      {"gn", "Tupian", "Tupi-Guarani"},
                                                      {"eo", "Constructed", "Esperanto"},
                                                      {"ko", "Koreanic", "Korean"},
                                                      {"ja", "Japonic", "Japanese"},
                                                      {"vi", "Austroasiatic", "Vietic"},
                                                      {"th", "Kra-Dai", "Tai"},
                                                      {"bm", "Mande", "Manding"}}));
    const Language* language = languages().find(code);
    REQUIRE(language != nullptr);
    CHECK(language->family == family);
    CHECK(language->branch == branch);
}

TEST_CASE("the resource level follows the published class by one rule") {
    const Json file = read_json(kAssets + "languages.json");
    CHECK(file.at("languages").size() == 50);
    for (const Json& entry : file.at("languages")) {
        const std::string code = entry.at("code");
        const int joshi_class = entry.at("joshi_class");
        CAPTURE(code, joshi_class);
        const std::string expected =
            joshi_class >= 4 ? "high" : (joshi_class == 3 ? "medium" : "low");
        CHECK(entry.at("resource") == expected);
    }
    for (const Language& language : languages().all()) {
        if (language.major) CHECK(language.resource == "high");
    }
}

TEST_CASE("every code and alias leads to one language only") {
    std::map<std::string, std::string> owner;
    for (const Language& language : languages().all()) {
        std::vector<std::string> labels = language.aliases;
        labels.push_back(language.code);
        for (const std::string& label : labels) {
            CAPTURE(label, language.code);
            std::string folded = label;
            std::ranges::transform(folded, folded.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            CHECK(owner.emplace(folded, language.code).second);
            const Language* found = languages().find(label);
            REQUIRE(found != nullptr);
            CHECK(found->code == language.code);
            CHECK(languages().find(folded) == found);
        }
    }
}

TEST_CASE("labels of other languages and scripts are not taken for one of the fifty") {
    const std::string label =
        GENERATE("ku", "kmr", "cb_IQ", "mn", "zho_Hant", "srp_Latn", "xx", "");
    CAPTURE(label);
    CHECK(languages().find(label) == nullptr);
}

TEST_CASE("the language of every corpus file is known by its name") {
    const auto root = test::reference_data();
    if (!root) SKIP("the reference data is not beside the repository");
    const auto [folder, pattern] = GENERATE(table<std::string, std::string>(
        {{"text/sib200", R"(([a-z]{3}_[A-Z][a-z]{3})\.(?:dev|train)\.tsv)"},
         {"text/udhr", R"(udhr_(\w+)\.xml)"},
         {"text/tico19/TM", R"(all\.en-([\w-]+)\.tmx\.zip)"},
         {"text/tico19/terminologies", R"([fg]_en[-_]([\w-]+)\.csv)"},
         {"text/tatoeba", R"(tatoeba\.[\w-]+\.(\w+))"},
         {"text/mgsm", R"(mgsm_(\w+)\.tsv)"},
         {"text/doi", R"((doi)_[\w-]+\.json)"},
         {"medical_mcq", R"(apollo_dev_(\w+)\.json)"}}));
    CAPTURE(folder);
    const std::regex naming(pattern);
    std::size_t matched = 0;
    for (const auto& file : std::filesystem::directory_iterator(*root / folder)) {
        const std::string name = file.path().filename().string();
        std::smatch match;
        if (!std::regex_match(name, match, naming)) continue;
        ++matched;
        const std::string label = match[1];
        CAPTURE(name, label);
        // Northern Kurdish in the Latin script is none of the fifty languages.
        const bool known_stranger = label == "cb_IQ" || label == "ku";
        CHECK((languages().find(label) != nullptr) != known_stranger);
    }
    CHECK(matched > 0);
}

}  // namespace
}  // namespace alluvium
