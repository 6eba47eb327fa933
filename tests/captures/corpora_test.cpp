#include "captures/corpora/corpora.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/reference_data.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

using Catch::Matchers::ContainsSubstring;

// A deflated archive with one translation memory, made by Python's zipfile.
constexpr std::string_view kZippedMemory =
    "504b03041400000008000000215016220d7c76000000ad000000050000006d2e746d78b3b1afc8cd"
    "51284b2d2acecccfb35532d43350b2b7b329c9ad40163351b2b349ca4fa9044a942a949466a6d82a"
    "395a192a81b8650a40fd56398979e9b64aa97940a1e2d474bb4405b5c4dc026b85241b7d10d7461f"
    "a80e4371b1ae8f2354bd42695e3e97424a7eb1028a062009242016eb039d640700504b0102140314"
    "00000008000000215016220d7c76000000ad0000000500000000000000000000008001000000006d"
    "2e746d78504b0506000000000100010033000000990000000000";

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

class CorpusFolder {
  public:
    void write(const std::string& name, const std::string& content) const {
        const auto path = folder_ / name;
        std::filesystem::create_directories(path.parent_path());
        write_file_atomically(path, content);
    }
    std::vector<Prompt> read(std::string_view corpus, std::vector<std::string> languages = {},
                             std::size_t max_groups = 0) const {
        return read_corpus(corpus, {folder_.path().string(), std::move(languages), max_groups});
    }
    // "id text" of every prompt.
    std::vector<std::string> lines(std::string_view corpus) const {
        std::vector<std::string> result;
        for (const Prompt& prompt : read(corpus)) result.push_back(prompt.id + " " + prompt.text);
        return result;
    }
    std::string failure(std::string_view corpus) const {
        try {
            read(corpus);
        } catch (const UserError& error) {
            return error.what();
        }
        return "no error";
    }

  private:
    test::TemporaryFolder folder_;
};

using Lines = std::vector<std::string>;

TEST_CASE("SIB-200 is grouped by sentence with topics as domains") {
    const CorpusFolder folder;
    folder.write("fra_Latn.dev.tsv", "index_id\tcategory\ttext\n7\tsports\tun\n9\ttravel\tdeux\n");
    folder.write("eng_Latn/dev.tsv", "index_id\tcategory\ttext\n9\ttravel\ttwo\n7\tsports\tone\n");
    CHECK(folder.lines("sib200") ==
          Lines{"sib200/7:en one", "sib200/7:fr un", "sib200/9:en two", "sib200/9:fr deux"});
    const auto prompts = folder.read("sib200");
    CHECK(prompts[0].group == "sib200/7");
    CHECK(prompts[0].domain == "sports");
    CHECK(prompts[0].extra.at("split") == "dev");
    folder.write("deu_Latn.dev.tsv", "index_id\tcategory\ttext\n7 sports\n");
    CHECK_THAT(folder.failure("sib200"), ContainsSubstring("deu_Latn.dev.tsv' line 2"));
}

TEST_CASE("languages and groups of a corpus can be chosen") {
    const CorpusFolder folder;
    folder.write("fra_Latn.dev.tsv", "index_id\tcategory\ttext\n7\ts\tun\n9\tt\tdeux\n");
    folder.write("eng_Latn.dev.tsv", "index_id\tcategory\ttext\n7\ts\tone\n9\tt\ttwo\n");
    CHECK(folder.read("sib200", {"fra"}).size() == 2);
    CHECK(folder.read("sib200", {"fra"})[0].language == "fr");
    CHECK(folder.read("sib200", {}, 1).size() == 2);
    CHECK_THROWS_WITH(folder.read("sib200", {"de"}), ContainsSubstring("no language 'de'"));
}

TEST_CASE("FLORES is grouped by line with domains from its metadata") {
    const CorpusFolder folder;
    folder.write("dev/fra_Latn.dev", "un\ndeux\n");
    folder.write("dev/xyz_Latn.dev", "x\n");
    folder.write("metadata_dev.tsv", "URL\tdomain\ttopic\nu\twikinews\tt\nu\twikibooks\tt\n");
    CHECK(folder.lines("flores") ==
          Lines{"flores/dev-1:fr un", "flores/dev-1:xyz_Latn x", "flores/dev-2:fr deux"});
    CHECK(folder.read("flores")[2].domain == "wikibooks");
}

TEST_CASE("the Declaration of Human Rights gives a prompt an article") {
    const CorpusFolder folder;
    folder.write("udhr_fra.xml", R"(<?xml version="1.0"?><udhr><preamble><para>P</para></preamble>
        <article number="1"><title>T</title><para>Un
           deux</para><orderedlist><listitem><para>a &#233;</para></listitem></orderedlist>
        <note><para>N</para></note></article></udhr>)");
    folder.write("udhr_deu_1901.xml",
                 R"(<udhr><article number="1"><para>x</para></article></udhr>)");
    folder.write("udhr_deu_1996.xml",
                 R"(<udhr><article number="1"><para>y</para></article></udhr>)");
    CHECK(folder.lines("udhr") ==
          Lines{"udhr/1:de x", "udhr/1:deu_1996 y", "udhr/1:fr Un deux\na é"});
    folder.write("udhr_eng.xml", "<udhr>\n<article>\n</udhr>");
    CHECK_THAT(folder.failure("udhr"), ContainsSubstring("udhr_eng.xml' line 3: malformed XML"));
}

TEST_CASE("translation memories are read, zipped or not, with English once") {
    const CorpusFolder folder;
    folder.write("TM/all.en-es-LA.tmx.zip", from_hex(kZippedMemory));
    folder.write("TM/all.en-fr.tmx",
                 R"(<tmx><body><tu tuid="A:1"><tuv xml:lang="en"><seg>a &amp; b</seg></tuv>
                    <tuv xml:lang="fr"><seg>un <ph>x</ph></seg></tuv></tu></body></tmx>)");
    CHECK(folder.lines("tico19") ==
          Lines{"tico19/A:1:en a & b", "tico19/A:1:es uno dos", "tico19/A:1:fr un x"});
    CHECK(folder.read("tico19")[0].domain == "medical");
    CHECK(folder.read("tico19")[0].extra.at("source") == "A");
}

TEST_CASE("a damaged archive is refused by name") {
    const CorpusFolder folder;
    std::string zip = from_hex(kZippedMemory);
    zip[60] = static_cast<char>(zip[60] ^ 1);
    folder.write("a.tmx.zip", zip);
    CHECK_THAT(folder.failure("tico19"), ContainsSubstring("a.tmx.zip' is damaged"));
    folder.write("a.tmx.zip", zip.substr(0, 100));
    CHECK_THAT(folder.failure("tico19"), ContainsSubstring("a.tmx.zip' is no zip archive"));
    folder.write("a.tmx.zip", "");
    CHECK_THAT(folder.failure("tico19"), ContainsSubstring("is no zip archive"));
}

TEST_CASE("Tatoeba sentences with the same English share a group") {
    const CorpusFolder folder;
    folder.write("tatoeba.fra-eng.fra", "Oui.\nSi.\n");
    folder.write("tatoeba.fra-eng.eng", "Yes.\nYes.\n");
    folder.write("tatoeba.deu-eng.deu", "Nein.\nJa.\n");
    folder.write("tatoeba.deu-eng.eng", "No.\nYes.\n");
    CHECK(folder.lines("tatoeba") == Lines{"tatoeba/1:de Nein.", "tatoeba/1:en No.",
                                           "tatoeba/2:de Ja.", "tatoeba/2:en Yes.",
                                           "tatoeba/2:fr Oui.", "tatoeba/2:fr:2 Si."});
    folder.write("tatoeba.fra-eng.eng", "Yes.\n");
    CHECK_THAT(folder.failure("tatoeba"), ContainsSubstring("has 2 lines"));
}

TEST_CASE("a folder of tables is aligned by id or by line") {
    const CorpusFolder folder;
    folder.write("mgsm_fr.tsv", "Deux\t2\nTrois\t3\n");
    folder.write("mgsm_es_LA.tsv", "Dos\t2\nTres\t3\n");
    CHECK(folder.lines("tsv") ==
          Lines{"tsv/1:es Dos", "tsv/1:fr Deux", "tsv/2:es Tres", "tsv/2:fr Trois"});
    const CorpusFolder with_header;
    with_header.write("a_fr.tsv", "id\ttext\tsource\nq1\tun\ts\n");
    with_header.write("b.tsv", "id\ttext\tlanguage\nq1\tone\ten\n");
    CHECK(with_header.lines("tsv") == Lines{"tsv/q1:en one", "tsv/q1:fr un"});
    CHECK(with_header.read("tsv")[1].extra.at("source") == "s");
}

TEST_CASE("a folder that holds no such corpus is refused") {
    const CorpusFolder folder;
    for (const CorpusReader& reader : corpus_readers()) {
        CHECK_THAT(folder.failure(reader.name), ContainsSubstring("holds no "));
    }
    CHECK_THAT(folder.failure("opus"), ContainsSubstring("unknown corpus 'opus'"));
    CHECK_THROWS_AS(read_corpus("udhr", {"/nowhere", {}, 0}), UserError);
}

std::size_t distinct(const std::vector<Prompt>& prompts, std::string Prompt::*column) {
    std::set<std::string> values;
    for (const Prompt& prompt : prompts) values.insert(prompt.*column);
    return values.size();
}

// Numbers of groups and languages counted with Python from the same folders.
TEST_CASE("the published corpora are read whole and written as one prompt file") {
    const auto reference = test::reference_data();
    if (!reference) SKIP("no reference data beside the repository");
    struct Expected {
        std::string corpus;
        std::size_t prompts, groups, languages;
    };
    const std::vector<Expected> all{{"sib200", 37600, 800, 47},
                                    {"udhr", 1440, 30, 48},
                                    {"tico19", 42994, 3071, 14},
                                    {"tatoeba", 52547, 24826, 31}};
    const test::TemporaryFolder folder;
    for (const Expected& expected : all) {
        CAPTURE(expected.corpus);
        const auto prompts =
            read_corpus(expected.corpus, {(*reference / "text" / expected.corpus).string(), {}, 0});
        CHECK(prompts.size() == expected.prompts);
        CHECK(distinct(prompts, &Prompt::id) == expected.prompts);
        CHECK(distinct(prompts, &Prompt::group) == expected.groups);
        CHECK(distinct(prompts, &Prompt::language) == expected.languages);
        write_prompt_tsv(prompts, folder / "p.tsv");
        const auto back = read_prompt_files({folder / "p.tsv"});
        CHECK(prompt_set_hash(back) == prompt_set_hash(prompts));
    }
}

}  // namespace
}  // namespace alluvium
