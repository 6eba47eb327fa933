#pragma once
// Tokenizers small enough to reason about, written as a user's folder would hold them.
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/utf8.h"
#include "model/tokenizer/text/byte_alphabet.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/support/temporary_folder.h"

namespace alluvium::test {

inline void write_text(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

inline std::string from_hex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

// A byte-level BPE whose tokens are the 256 bytes, ids 0 to 255 in byte order, and then what each
// of `merges` makes, ids from 256.
inline Json byte_level_definition(
    std::initializer_list<std::pair<const char*, const char*>> merges) {
    Json vocabulary = Json::object();
    for (unsigned byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        vocabulary[to_byte_characters({&c, 1})] = byte;
    }
    Json pairs = Json::array();
    for (const auto& [left, right] : merges) {
        vocabulary[std::string(left) + right] = vocabulary.size();
        pairs.push_back({left, right});
    }
    return {{"added_tokens", Json::array()},
            {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
            {"decoder", {{"type", "ByteLevel"}}},
            {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", pairs}}}};
}

// A folder that holds nothing but a tokenizer.json.
class TokenizerFolder {
  public:
    explicit TokenizerFolder(const Json& definition) {
        write_text(folder_ / "tokenizer.json", definition.dump());
    }
    const std::filesystem::path& path() const { return folder_.path(); }
    Tokenizer open() const { return Tokenizer::open(path()); }

  private:
    TemporaryFolder folder_;
};

inline Tokenizer open_definition(const Json& definition) {
    return TokenizerFolder(definition).open();
}

inline Json added_token(const std::string& content, std::initializer_list<const char*> options) {
    Json token = {{"id", 0},         {"content", content}, {"single_word", false},
                  {"lstrip", false}, {"rstrip", false},    {"normalized", false},
                  {"special", false}};
    for (const char* option : options) token[option] = true;
    return token;
}

}  // namespace alluvium::test
