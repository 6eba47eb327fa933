#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

// The definition with one of its parts replaced must be refused in words that hold `named`.
void check_refused(const char* pointer, const Json& value, const std::string& named) {
    Json definition = test::byte_level_definition({{"a", "b"}});
    definition[Json::json_pointer(pointer)] = value;
    INFO(pointer << " = " << value);
    CHECK_THROWS_MATCHES(
        test::open_definition(definition), UserError,
        MessageMatches(ContainsSubstring(named) && ContainsSubstring("tokenizer.json")));
}

}  // namespace

TEST_CASE("a part that is not supported is refused by its name") {
    check_refused("/model/type", "WordPiece", "WordPiece");
    check_refused("/normalizer", {{"type", "Precompiled"}}, "Precompiled");
    check_refused("/pre_tokenizer", {{"type", "UnicodeScripts"}}, "UnicodeScripts");
    check_refused("/decoder", {{"type", "CTC"}}, "CTC");
    check_refused("/post_processor", {{"type", "Other"}}, "Other");
    check_refused("/model/dropout", 0.1, "dropout");
}

TEST_CASE("a part inside a sequence is named with its place") {
    check_refused("/normalizer",
                  {{"type", "Sequence"}, {"normalizers", {{{"type", "NFC"}}, {{"type", "Odd"}}}}},
                  "normalizer.normalizers[1]");
}

TEST_CASE("sequences nested without end are refused before the stack is") {
    Json part = {{"type", "NFC"}};
    for (int i = 0; i < 2000; ++i) {
        part = {{"type", "Sequence"}, {"normalizers", Json::array({part})}};
    }
    check_refused("/normalizer", part, "nesting");
}

TEST_CASE("a regular expression that cannot be translated is shown") {
    const Json split = {{"type", "Split"},
                        {"pattern", {{"Regex", R"((a)\1)"}}},
                        {"behavior", "Isolated"},
                        {"invert", false}};
    check_refused("/pre_tokenizer", split, R"((a)\1)");
}

TEST_CASE("values of another form than expected are named") {
    check_refused("/model/vocab", Json::array(), "vocab");
    check_refused("/model/vocab/a", -3, "vocab['a']");
    check_refused("/model/merges", Json::array({{"a", "b", "c"}}), "merges");
    check_refused("/model/merges", Json::array({"a b c"}), "merges");
    check_refused("/model/merges", Json::array({Json::array({"a", "zzz"})}), "zzz");
    check_refused("/model/unk_token", "<unk>", "<unk>");
    check_refused("/pre_tokenizer/add_prefix_space", "yes", "add_prefix_space");
    check_refused("/normalizer", {{"type", 7}}, "normalizer.type");
    check_refused("/added_tokens", {{{"id", 1}}}, "added_tokens[0].content");
}

TEST_CASE("a template that names an unknown token is refused") {
    check_refused("/post_processor",
                  {{"type", "TemplateProcessing"},
                   {"single",
                    {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
                     {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
                   {"special_tokens", Json::object()}},
                  "<s>");
}

TEST_CASE("a file that is no JSON, or no tokenizer, is one user error") {
    const test::TemporaryFolder folder;
    for (const char* content : {"", "{", "[]", "null", "{}", R"({"model": null})",
                                R"({"model": {"vocab": {}}})", "\xff\xfe"}) {
        INFO(content);
        test::write_text(folder / "tokenizer.json", content);
        CHECK_THROWS_AS(Tokenizer::open(folder.path()), UserError);
    }
}
