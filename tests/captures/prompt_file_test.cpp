#include "captures/prompt_file.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;

class PromptFolder {
  public:
    std::string write(const std::string& name, const std::string& content) const {
        const auto path = folder_ / name;
        std::filesystem::create_directories(path.parent_path());
        write_file_atomically(path, content);
        return path;
    }
    std::vector<Prompt> read(const std::string& name, const std::string& content) const {
        return read_prompt_files({write(name, content)});
    }
    // What reading says.
    std::string failure(const std::string& name, const std::string& content) const {
        try {
            read(name, content);
        } catch (const UserError& error) {
            return error.what();
        }
        return "no error";
    }

  private:
    test::TemporaryFolder folder_;
};

TEST_CASE("a text file has one prompt a line and its language and domain in its name") {
    const PromptFolder folder;
    const auto prompts = folder.read("medical.fr.txt", "\xef\xbb\xbfOù ?\r\n\r\nIci\\n.\r\n");
    REQUIRE(prompts.size() == 2);
    CHECK(prompts[0].text == "Où ?");
    CHECK(prompts[0].language == "fr");
    CHECK(prompts[0].domain == "medical");
    CHECK(prompts[0].id == "medical.fr:1");
    CHECK(prompts[1].text == "Ici\\n.");
    CHECK(prompts[1].id == "medical.fr:3");
    CHECK(folder.read("sw.txt", "Habari")[0].language == "sw");
    CHECK(folder.read("sw.txt", "Habari")[0].domain.empty());
}

TEST_CASE("a table's columns are read by name and further ones are kept") {
    const PromptFolder folder;
    const auto prompts = folder.read(
        "p.tsv", "language\tsource\ttext\tgroup\nde\ta\\tb\tZeile 1\\nZeile \"2\" \\d\tg1\n");
    REQUIRE(prompts.size() == 1);
    CHECK(prompts[0].text == "Zeile 1\nZeile \"2\" \\d");
    CHECK(prompts[0].language == "de");
    CHECK(prompts[0].group == "g1");
    CHECK(prompts[0].extra == std::map<std::string, std::string>{{"source", "a\tb"}});
    CHECK(prompts[0].id == "p:2");
}

TEST_CASE("a line of JSON holds a text or token ids") {
    const PromptFolder folder;
    const auto prompts = folder.read(
        "p.jsonl",
        "{\"text\": \"\\u00e9\", \"language\": \"fr\", \"id\": 7, \"year\": 2024, \"x\": null}\n"
        "\n{\"ids\": [1, 0, 4294967294]}\n");
    REQUIRE(prompts.size() == 2);
    CHECK(prompts[0].text == "é");
    CHECK(prompts[0].id == "7");
    CHECK(prompts[0].extra == std::map<std::string, std::string>{{"year", "2024"}});
    CHECK(prompts[1].ids == std::vector<std::uint32_t>{1, 0, 4294967294});
    CHECK(prompts[1].text.empty());
    CHECK(prompts[1].id == "p:3");
}

TEST_CASE("what is wrong in a prompt file is named with its line") {
    const PromptFolder folder;
    CHECK_THAT(folder.failure("p.tsv", "txt\tlanguage\nx\ten\n"),
               EndsWith("line 1: no column 'text'; the columns are 'txt', 'language'"));
    CHECK_THAT(folder.failure("p.tsv", "text\ttext\n"),
               EndsWith("line 1: two columns are named 'text'"));
    CHECK_THAT(folder.failure("p.tsv", "text\tlanguage\na\ten\nb\n"),
               EndsWith("line 3: 1 columns, expected 2 as in the first row"));
    CHECK_THAT(folder.failure("p.tsv", "text\tlanguage\n\ten\n"), EndsWith("line 2: no text"));
    CHECK_THAT(folder.failure("fr.txt", "ok\nb\xff\n"),
               EndsWith("line 2: malformed UTF-8 at byte 4 of the file"));
    CHECK_THAT(folder.failure("fr.txt", std::string("a\0b", 3)), ContainsSubstring("NUL"));
    CHECK_THAT(folder.failure("p.jsonl", "{\"text\": \"a\"}\n{\"text\": \n"),
               EndsWith("line 2: no JSON object"));
    CHECK_THAT(folder.failure("p.jsonl", "{\"text\": \"a\", \"ids\": [1]}"),
               EndsWith("line 1: both 'text' and 'ids'"));
    CHECK_THAT(folder.failure("p.jsonl", "{\"language\": \"en\"}"),
               EndsWith("line 1: neither 'text' nor 'ids'"));
    CHECK_THAT(folder.failure("p.jsonl", "{\"ids\": [1, -2]}"),
               EndsWith("line 1: 'ids' holds -2, which is no token id"));
    CHECK_THAT(folder.failure("p.jsonl", "{\"text\": \"a\\u0000b\"}"), ContainsSubstring("NUL"));
    CHECK_THAT(folder.failure("p.csv", "text\n"), ContainsSubstring("unknown ending '.csv'"));
    CHECK_THAT(folder.failure("fr.txt", "\n"), EndsWith("holds no prompt"));
    CHECK_THROWS_AS(read_prompt_files({"/nowhere/fr.txt"}), UserError);
}

TEST_CASE("ids are unique over all files of a run") {
    const PromptFolder folder;
    const std::string a = folder.write("a.jsonl", "{\"text\": \"a\", \"id\": \"x\"}\n");
    const std::string b =
        folder.write("b.jsonl", "{\"text\": \"b\"}\n{\"text\": \"c\", \"id\": \"x\"}\n");
    CHECK_THROWS_WITH(read_prompt_files({a, b}),
                      "'" + b + "' line 2: the id 'x' is that of '" + a + "' line 1 too");
    const std::string one = folder.write("one/fr.txt", "a\n");
    const std::string two = folder.write("two/fr.txt", "b\n");
    const auto prompts = read_prompt_files({one, two});
    CHECK(prompts[0].id == one + ":1");
    CHECK(prompts[1].id == two + ":1");
}

TEST_CASE("prompts written as a table read back as they were") {
    const test::TemporaryFolder folder;
    Prompt first{.id = "a",
                 .text = "tab\there\nback\\slash\r",
                 .language = "en",
                 .group = "g",
                 .domain = "medical",
                 .extra = {{"source", "s"}},
                 .ids = {}};
    Prompt second{.id = "b",
                  .text = "日本語",
                  .language = "ja",
                  .group = "",
                  .domain = "",
                  .extra = {{"topic", "x"}},
                  .ids = {}};
    write_prompt_tsv({first, second}, folder / "p.tsv");
    const auto prompts = read_prompt_files({folder / "p.tsv"});
    REQUIRE(prompts.size() == 2);
    CHECK(prompts[0].text == first.text);
    CHECK(prompts[0].extra == std::map<std::string, std::string>{{"source", "s"}, {"topic", ""}});
    CHECK(prompts[1].text == second.text);
    CHECK(prompts[1].id == "b");
    CHECK(prompt_set_hash(prompts) == prompt_set_hash({first, second}));
}

TEST_CASE("the hash of a prompt set sees texts, languages, groups, ids and order") {
    const Prompt a{.id = "1",
                   .text = "ab",
                   .language = "c",
                   .group = "",
                   .domain = "",
                   .extra = {},
                   .ids = {}};
    Prompt b = a;
    const std::string hash = prompt_set_hash({a});
    CHECK(hash.size() == 16);
    b.id = "2";
    CHECK(prompt_set_hash({b}) == hash);
    b.text = "a";
    b.language = "bc";
    CHECK(prompt_set_hash({b}) != hash);
    CHECK(prompt_set_hash({a, b}) != prompt_set_hash({b, a}));
    b = a;
    b.ids = {1};
    CHECK(prompt_set_hash({b}) != hash);
}

}  // namespace

TEST_CASE("A set of prompt files is called by their names without folder and ending") {
    CHECK(prompt_set_name({"some/where/majors.tsv"}) == "majors");
    CHECK(prompt_set_name({"fr.txt", "/x/ar.v2.jsonl"}) == "fr, ar.v2");
}

}  // namespace alluvium
