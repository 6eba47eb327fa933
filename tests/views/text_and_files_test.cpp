#include <filesystem>

#include <catch2/catch_test_macros.hpp>

#include "app/painters/fonts.h"
#include "app/painters/screen_text.h"
#include "app/views/file_picker.h"
#include "app/views/font_files.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using alluvium::test::TemporaryFolder;

TEST_CASE("Text that is written letter after letter needs no shaping") {
    for (const char* text : {"Hello, 0.41 × chance ≥ 2", "Où avez-vous mal ?", "Где болит?",
                             "Πού πονάει;", "Tiếng Việt", ""}) {
        INFO(text);
        CHECK_FALSE(needs_shaping(text));
    }
}

TEST_CASE("Right-to-left, Indic, Thai, Lao, CJK text and stacked marks need shaping") {
    for (const char* text : {"أين يؤلمك؟", "איפה כואב?", "कहाँ दर्द", "เจ็บตรงไหน", "ເຈັບ", "哪里疼",
                             "どこが", "어디가", "e\u0301", "a\u200fb"}) {
        INFO(text);
        CHECK(needs_shaping(text));
    }
}

TEST_CASE("Malformed text is left to what can show it") {
    CHECK(needs_shaping("\xff\xfe"));
}

TEST_CASE("A path is completed with folders first, hidden entries only when asked for") {
    const TemporaryFolder folder;
    for (const char* name : {"bed.h5", "bee.h5", "cat.h5", ".bent"}) {
        write_file_atomically(folder / name, "");
    }
    std::filesystem::create_directories(folder / "berg");
    const auto names = [&](const std::string& typed) {
        std::vector<std::string> all;
        for (const auto& path : completions((folder / typed).string())) {
            all.push_back(path.filename().string());
        }
        return all;
    };
    CHECK(names("be") == std::vector<std::string>{"berg", "bed.h5", "bee.h5"});
    CHECK(names(".be") == std::vector<std::string>{".bent"});
    CHECK(names("x").empty());
    CHECK(completions((folder / "no/such/folder/x").string()).empty());
}

TEST_CASE("The window's fonts are found, and it misses those that figures miss") {
    const UiFonts fonts = find_ui_fonts();
    CHECK(fonts.regular.family == "Noto Sans");
    CHECK(std::filesystem::exists(fonts.regular.path));
    CHECK(std::filesystem::exists(fonts.bold.path));
    for (const FontFile& font : fonts.fallbacks) CHECK(std::filesystem::exists(font.path));
    // Asked of Pango instead of fontconfig.
    std::vector<std::string> missing;
    for (const FontNeed& font : needed_fonts()) {
        if (!font.present) missing.push_back(font.family);
    }
    CHECK(fonts.missing == missing);
    // The three of Chinese, Japanese and Korean are one file.
    CHECK(fonts.fallbacks.size() + 2 >= kFontFamilies.size() - 1 - missing.size());
}
