#include "app/session/session_file.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

SessionFile a_session(const TemporaryFolder& folder) {
    SessionFile session;
    session.open = {folder / "checkpoint", folder / "captures/medical.h5", "/elsewhere/b.h5"};
    session.view.a = folder / "captures/medical.h5";
    session.view.b = "/elsewhere/b.h5";
    session.view.by = "family";
    session.view.groups = {"fr", "ar"};
    session.view.measure = Measure::share;
    session.view.keep = "ratio:0.25";
    session.view.selection = {.layer = 7, .expert = 3, .group = "fr"};
    session.view.prompt = 11;
    session.view.layout = Layout::compare;
    session.view.cameras["heatmap"] = {.zoom = 2.5, .x = 0.25, .y = 0.75};
    session.prompts.set = folder / "mine.tsv";
    session.prompts.languages = {"fr", "zh"};
    session.prompts.groups = 6;
    session.prompts.own_text = "Où est l'hôpital ?\n医院在哪里？";
    session.prompts.own_language = "fr";
    return session;
}

}  // namespace

TEST_CASE("A session file brings back exactly what was saved") {
    const TemporaryFolder folder;
    const SessionFile saved = a_session(folder);
    save_session_file(saved, folder / "s.alluvium.json");
    CHECK(read_session_file(folder / "s.alluvium.json") == saved);
}

TEST_CASE("A folder can be moved with its session file") {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "here");
    SessionFile saved;
    saved.open = {folder / "here/t.h5"};
    saved.view.a = folder / "here/t.h5";
    save_session_file(saved, folder / "here/s.alluvium.json");
    std::filesystem::rename(folder / "here", folder / "there");
    const SessionFile read = read_session_file(folder / "there/s.alluvium.json");
    CHECK(read.open == std::vector<std::string>{(folder / "there/t.h5").string()});
    CHECK(read.view.a == (folder / "there/t.h5").string());
}

TEST_CASE("A session of a newer program is refused by its version") {
    const TemporaryFolder folder;
    write_file_atomically(folder / "s.alluvium.json",
                          R"({"format": "alluvium-session", "version": 99})");
    CHECK_THROWS_MATCHES(read_session_file(folder / "s.alluvium.json"), UserError,
                         MessageMatches(ContainsSubstring("version 99")));
}

TEST_CASE("What is no session, or a damaged one, ends in a message that names the file") {
    const TemporaryFolder folder;
    const auto refuses = [&](const std::string& content) {
        write_file_atomically(folder / "s.alluvium.json", content);
        CHECK_THROWS_MATCHES(read_session_file(folder / "s.alluvium.json"), UserError,
                             MessageMatches(ContainsSubstring("s.alluvium.json")));
    };
    refuses("[]");
    refuses("{\"format\": \"other\"}");
    refuses("{\"format\": ");
    refuses(R"({"format": "alluvium-session", "version": 1, "open": 3})");
    refuses(R"({"format": "alluvium-session", "version": 1, "view": {"layout": "tower"}})");
    refuses(R"({"format": "alluvium-session", "version": 1, "view": {"keep": "mass:7"}})");
    refuses(R"({"format": "alluvium-session", "version": 1, "view": {"cameras": {"x": 1}}})");
}

TEST_CASE("Fields that a session does not have keep their defaults") {
    const TemporaryFolder folder;
    write_file_atomically(folder / "s.alluvium.json",
                          R"({"format": "alluvium-session", "version": 1})");
    CHECK(read_session_file(folder / "s.alluvium.json") == SessionFile{});
}
