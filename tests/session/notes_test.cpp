#include "app/session/notes.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using test::TemporaryFolder;

TEST_CASE("Notes come back from the file beside the trace, in the order of the layers") {
    const TemporaryFolder folder;
    Notes notes;
    notes.set({7, 3, "أرقام", "numbers", "takes \"10\"\nand 11"});
    notes.set({2, 5, "digits", "numbers", ""});
    notes.set({7, 3, "numbers", "numbers", "again"});
    save_notes(notes, folder / "t.h5");
    const Notes read = read_notes(folder / "t.h5");
    CHECK(read == notes);
    REQUIRE(read.all().size() == 2);
    CHECK(read.all()[0].layer == 2);
    CHECK(read.find(7, 3)->text == "again");
    CHECK(read.find(3, 7) == nullptr);
}

TEST_CASE("Without notes there is no file") {
    const TemporaryFolder folder;
    CHECK(read_notes(folder / "t.h5").all().empty());
    Notes notes;
    notes.set({0, 0});
    save_notes(notes, folder / "t.h5");
    CHECK(std::filesystem::exists(notes_path(folder / "t.h5")));
    notes.remove(0, 0);
    save_notes(notes, folder / "t.h5");
    CHECK_FALSE(std::filesystem::exists(notes_path(folder / "t.h5")));
}

TEST_CASE("Damaged notes and those of a newer program are refused by name") {
    const TemporaryFolder folder;
    for (const char* text :
         {"{", R"({"alluvium_notes": 1, "notes": [{"layer": "x", "expert": 1}]})",
          R"({"alluvium_notes": 99, "notes": []})", "[]"}) {
        CAPTURE(text);
        write_file_atomically(notes_path(folder / "t.h5"), text);
        CHECK_THROWS_AS(read_notes(folder / "t.h5"), UserError);
    }
}
