#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "model/tokenizer/sentencepiece/charsmap.h"
#include "model/tokenizer/sentencepiece/protobuf.h"
#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Ids = std::vector<std::uint32_t>;

namespace {

// A model file by its golden name.
std::string model_file(const std::string& name) {
    const Json golden = read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/tokenizer/sentencepiece.json");
    for (const Json& test : golden["cases"]) {
        if (test["name"] == name) return test::from_hex(test["model"].get<std::string>());
    }
    FAIL("no model " << name);
    return {};
}

}  // namespace

TEST_CASE("the wire format gives numbers, floats and bytes") {
    const std::string message =
        std::string("\x08\x96\x01", 3) + "\x12\x02hi" + std::string("\x1d\x00\x00\x80\x3f", 5);
    ProtobufReader reader(message);
    CHECK(reader.next()->value == 150);
    CHECK(reader.next()->bytes == "hi");
    const auto last = reader.next();
    CHECK(last->number == 3);
    CHECK(last->as_float() == 1.0f);
    CHECK_FALSE(reader.next());
}

TEST_CASE("a message that ends too early is refused") {
    for (const char* message : {"\x08", "\x12\x05hi", "\x1d\x01", "\x0b"}) {
        ProtobufReader reader(message);
        CHECK_THROWS_AS(reader.next(), UserError);
    }
}

TEST_CASE("damaged normalisation rules are refused or harmless") {
    CHECK_THROWS_AS(CharsMap(std::string_view("\x01\x00", 2)), UserError);
    CHECK_THROWS_AS(CharsMap(std::string_view("\xff\xff\xff\x7f"
                                              "abcd",
                                              8)),
                    UserError);
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        std::string bytes("\x40\x00\x00\x00", 4);
        for (int i = 0; i < 80; ++i) bytes.push_back(static_cast<char>(random()));
        const CharsMap map(bytes);
        for (const char* text : {"a", "abc", "\xe3\x80\x80", ""}) {
            if (const auto rule = map.longest(text)) CHECK(rule->replacement.size() < bytes.size());
        }
    }
}

TEST_CASE("a model cut short anywhere is one user error, never a crash") {
    const std::string whole = model_file("unigram rules");
    const test::TemporaryFolder folder;
    for (std::size_t size = 0; size < whole.size(); size += 37) {
        test::write_text(folder / "tokenizer.model", whole.substr(0, size));
        try {
            // Cut between two pieces it is a shorter model.
            (void)Tokenizer::open(folder.path()).encode("the patient");
        } catch (const UserError& e) {
            CHECK_THAT(e.what(), ContainsSubstring("tokenizer.model"));
        }
    }
}

TEST_CASE("tokens of a SentencePiece model read as text") {
    const test::TemporaryFolder folder;
    test::write_text(folder / "tokenizer.model", model_file("bpe bytes"));
    const Tokenizer tokenizer = Tokenizer::open(folder.path());
    const std::string text = "the patient \U0001f600";
    const Encoding found = tokenizer.encode(text);
    CHECK(tokenizer.decode(found.ids) == text);
    std::string joined;
    for (const std::uint32_t id : found.ids) joined += tokenizer.token_text(id);
    CHECK(joined == " " + text);  // in the middle of a text the first space is there
    CHECK(tokenizer.bos() == 1);
    CHECK(tokenizer.eos() == 2);
}

TEST_CASE("the configuration beside a model says whether a BOS is added and which tokens are") {
    const test::TemporaryFolder folder;
    test::write_text(folder / "tokenizer.model", model_file("bpe bytes"));
    const Ids bare = Tokenizer::open(folder.path()).encode("the").ids;
    test::write_text(folder / "tokenizer_config.json", R"({
        "tokenizer_class": "LlamaTokenizer",
        "added_tokens_decoder": {"1": {"content": "<s>", "special": true},
                                 "9000": {"content": "<|user|>", "special": true}}})");
    const Tokenizer tokenizer = Tokenizer::open(folder.path());
    Ids with_bos = bare;
    with_bos.insert(with_bos.begin(), 1);
    CHECK(tokenizer.encode("the").ids == with_bos);
    CHECK(tokenizer.encode("the", AddBos::no).ids == bare);
    CHECK(tokenizer.encode("<|user|>", AddBos::no).ids == Ids{9000});
}

TEST_CASE("a tiktoken file that is damaged or of an unknown encoding is refused") {
    const Json golden = read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/tokenizer/tiktoken.json");
    const auto content = golden["file"].get<std::string>();
    const auto check_refused = [](const char* name, const std::string& text, const char* named) {
        const test::TemporaryFolder folder;
        test::write_text(folder / name, text);
        CHECK_THROWS_MATCHES(Tokenizer::open(folder.path()), UserError,
                             MessageMatches(ContainsSubstring(named) && ContainsSubstring(name)));
    };
    check_refused("new_base.tiktoken", content, "'new'");
    check_refused("o200k_base.tiktoken", "IQ== 0\n", "byte 0");
    check_refused("o200k_base.tiktoken", content + "what is this\n", "line");
    check_refused("o200k_base.tiktoken", content + "IQ= 5\n", "line");
}
