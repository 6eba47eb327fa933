#include "captures/languages.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

TEST_CASE("languages are found by code or by a corpus's code in any spelling") {
    const LanguageTable& table = LanguageTable::instance();
    CHECK(table.all().size() == 50);
    for (const char* label : {"fr", "FR", "fra", "fra_Latn", "fra-latn", "fr_XX"}) {
        REQUIRE(table.find(label) != nullptr);
        CHECK(table.find(label)->code == "fr");
    }
    CHECK(table.find("ar")->right_to_left);
    CHECK(table.find("fr")->branch == "Romance");
    CHECK(table.find("xx") == nullptr);
    CHECK(table.find("") == nullptr);
}

TEST_CASE("twelve languages are major") {
    int major = 0;
    for (const Language& language : LanguageTable::instance().all())
        major += language.major ? 1 : 0;
    CHECK(major == 12);
}

TEST_CASE("a table of languages may leave out all but the code and must not be ambiguous") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "l.json", R"({"languages": [{"code": "xx"}]})");
    const LanguageTable table((folder / "l.json").string());
    CHECK(table.find("xx")->name == "xx");
    CHECK(table.find("xx")->talk_expert == -1);
    write_file_atomically(
        folder / "l.json",
        R"({"languages": [{"code": "xx", "aliases": ["Y-Z"]}, {"code": "y_z"}]})");
    CHECK_THROWS_AS(LanguageTable((folder / "l.json").string()), UserError);
    write_file_atomically(folder / "l.json", R"({"languages": [{"name": "nameless"}]})");
    CHECK_THROWS_AS(LanguageTable((folder / "l.json").string()), UserError);
}

}  // namespace
}  // namespace alluvium
