#include "app/session/settings.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "base/files.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

TEST_CASE("Settings come back as they were saved, in a folder that did not exist") {
    const TemporaryFolder folder;
    const Settings saved{.dark = true, .scale = 1.5, .recent = {"/a.h5", "/b"}};
    save_settings(saved, folder / "config/alluvium");
    CHECK(read_settings(folder / "config/alluvium") == saved);
}

TEST_CASE("Missing or damaged settings are the defaults") {
    const TemporaryFolder folder;
    CHECK(read_settings(folder / "nothing") == Settings{});
    write_file_atomically(folder / "settings.json", "{\"dark\": 12");
    CHECK(read_settings(folder.path()) == Settings{});
}

TEST_CASE("A scale that nobody could work with is brought back into range") {
    const TemporaryFolder folder;
    write_file_atomically(folder / "settings.json", "{\"scale\": 50}");
    CHECK(read_settings(folder.path()).scale == kLargestScale);
}

TEST_CASE("The latest file opened comes first, once, and the list stays short") {
    Settings settings;
    for (int i = 0; i < 20; ++i) remember_recent(settings, "/t" + std::to_string(i) + ".h5");
    remember_recent(settings, "/x/../t15.h5");
    CHECK(settings.recent.size() == kRecentFiles);
    CHECK(settings.recent[0] == "/t15.h5");
    CHECK(settings.recent[1] == "/t19.h5");
    CHECK(std::count(settings.recent.begin(), settings.recent.end(), "/t15.h5") == 1);
}
