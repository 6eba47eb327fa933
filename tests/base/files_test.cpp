#include "base/files.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "base/json.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;

TEST_CASE("an atomic write replaces the file and leaves nothing else behind") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "a.txt", "one");
    write_file_atomically(folder / "a.txt", "two");
    CHECK(read_file(folder / "a.txt") == "two");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a missing file or a folder in a file's place is the user's error") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_AS(read_file(folder / "none"), UserError);
    CHECK_THROWS_AS(MappedFile(folder.path()), UserError);
    CHECK_THROWS_AS(write_file_atomically(folder.path() / "no" / "such", "x"), UserError);
}

TEST_CASE("a mapped file shows the bytes, and an empty one is empty") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "f", std::string_view("\0\x01z", 3));
    const MappedFile file(folder / "f");
    CHECK(file.size() == 3);
    CHECK(file.bytes()[2] == std::byte{'z'});
    write_file_atomically(folder / "empty", "");
    CHECK(MappedFile(folder / "empty").size() == 0);
}

TEST_CASE("malformed JSON names file and line") {
    try {
        parse_json("{\n \"a\": 1,\n oops}", "config.json");
        FAIL("expected an error");
    } catch (const UserError& e) {
        CHECK(std::string(e.what()) == "'config.json' is not valid JSON (line 3)");
    }
}

TEST_CASE("sizes read as people write them") {
    CHECK(human_bytes(0) == "0 B");
    CHECK(human_bytes(999) == "999 B");
    CHECK(human_bytes(1000) == "1.0 kB");
    CHECK(human_bytes(531'000'000) == "531 MB");
    CHECK(human_bytes(61'100'000'000) == "61.1 GB");
}
