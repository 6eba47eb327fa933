#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "base/files.h"
#include "tests/support/reference_data.h"
#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;

namespace {

std::filesystem::path data_or_skip() {
    const auto data = test::reference_data();
    if (!data) SKIP("the reference data is not on this machine");
    return *data;
}

// The texts of llama.cpp's vocabulary tests stand between marker lines, their ids line by line.
void check_llama_cpp(const Tokenizer& tokenizer, const std::filesystem::path& base) {
    const std::string texts = read_file(base.string() + ".inp");
    std::istringstream id_lines(read_file(base.string() + ".out"));
    const std::string marker = "\n__ggml_vocab_test__\n";
    for (std::size_t at = 0; at <= texts.size();) {
        const std::size_t end = std::min(texts.find(marker, at), texts.size());
        const std::string text = texts.substr(at, end - at);
        std::string line;
        std::getline(id_lines, line);
        std::istringstream numbers(line);
        std::vector<std::uint32_t> ids;
        for (std::uint32_t id = 0; numbers >> id;) ids.push_back(id);
        INFO("text '" << text << "'");
        CHECK(tokenizer.encode(text, AddBos::no).ids == ids);
        at = end + marker.size();
    }
}

}  // namespace

TEST_CASE("Qwen2 gives the ids that transformers.js and llama.cpp publish", "[golden]") {
    const auto data = data_or_skip();
    const Tokenizer tokenizer = Tokenizer::open(data / "tokenizers/qwen2");
    CHECK(tokenizer.kind() == "byte-level BPE");
    const Json published = read_json(data / "tokenizer_refs/transformers.js_expected.json");
    for (const Json& entry : published["Xenova/Qwen1.5-0.5B-Chat"]) {
        INFO("text " << entry["text"]);
        const Encoding found = tokenizer.encode(entry["text"].get<std::string>(), AddBos::no);
        CHECK(found.ids == entry["ids"].get<std::vector<std::uint32_t>>());
        CHECK(tokenizer.decode(found.ids) == entry["decoded"].get<std::string>());
    }
    check_llama_cpp(tokenizer, data / "tokenizer_refs/llama.cpp/ggml-vocab-qwen2.gguf");
}

TEST_CASE("Phi-3 gives the ids that llama.cpp publishes", "[golden]") {
    const auto data = data_or_skip();
    const Tokenizer tokenizer = Tokenizer::open(data / "tokenizers/phi3_phimoe");
    CHECK(tokenizer.kind() == "BPE with byte fallback");
    check_llama_cpp(tokenizer, data / "tokenizer_refs/llama.cpp/ggml-vocab-phi-3.gguf");
}

TEST_CASE("vocab.json with merges.txt is the same tokenizer as the tokenizer.json made of them",
          "[golden]") {
    const auto data = data_or_skip();
    const test::TemporaryFolder folder;
    std::filesystem::copy(data / "tokenizers/qwen2/tokenizer.assembled.json",
                          folder / "tokenizer.json");
    const Tokenizer assembled = Tokenizer::open(folder.path());
    const Tokenizer from_parts = Tokenizer::open(data / "tokenizers/qwen2");
    const std::string text = read_file(data / "text/sib200/hin_Deva.dev.tsv");
    CHECK(from_parts.encode(text).ids == assembled.encode(text).ids);
    CHECK(from_parts.id() != assembled.id());
}

TEST_CASE("all texts of a language come back from their tokens", "[golden]") {
    const auto data = data_or_skip();
    const Tokenizer tokenizer = Tokenizer::open(data / "tokenizers/olmoe_gptneox");
    for (const char* name : {"tha_Thai", "eng_Latn", "zho_Hans", "kor_Hang"}) {
        const std::string text = read_file(data / "text/sib200" / (std::string(name) + ".dev.tsv"));
        CHECK(tokenizer.decode(tokenizer.encode(text).ids) == text);
    }
}
