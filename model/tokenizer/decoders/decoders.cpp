#include <charconv>

#include "base/utf8.h"
#include "model/tokenizer/decoders/decoder.h"
#include "model/tokenizer/text/byte_alphabet.h"

namespace alluvium {
namespace {

class SequenceDecoder : public TokenDecoder {
  public:
    explicit SequenceDecoder(const DefinitionPart& part) {
        for (const DefinitionPart& member : part.parts("decoders")) {
            members_.push_back(read_decoder(member));
        }
    }
    void apply(std::vector<std::string>& tokens) const override {
        for (const auto& member : members_) member->apply(tokens);
    }

  private:
    std::vector<std::unique_ptr<const TokenDecoder>> members_;
};

void fuse(std::vector<std::string>& tokens) {
    std::string all;
    for (const std::string& token : tokens) all += token;
    tokens = {std::move(all)};
}

class FuseDecoder : public TokenDecoder {
  public:
    void apply(std::vector<std::string>& tokens) const override { fuse(tokens); }
};

class ByteLevelDecoder : public TokenDecoder {
  public:
    void apply(std::vector<std::string>& tokens) const override {
        for (std::string& token : tokens) {
            // A token that is not spelled in the byte alphabet is an added one: plain text.
            if (auto bytes = from_byte_characters(token)) token = std::move(*bytes);
        }
        fuse(tokens);
    }
};

class ReplaceDecoder : public TokenDecoder {
  public:
    explicit ReplaceDecoder(const DefinitionPart& part)
        : pattern_(part.pattern("pattern")), content_(part.string("content")) {}
    void apply(std::vector<std::string>& tokens) const override {
        Regex::Matcher matcher(pattern_);
        for (std::string& token : tokens) {
            std::string replaced;
            std::size_t kept = 0;
            for (const ByteSpan& match : matcher.find_all(token)) {
                replaced.append(token, kept, match.begin - kept);
                replaced += content_;
                kept = match.end;
            }
            replaced.append(token, kept);
            token = std::move(replaced);
        }
    }

  private:
    Regex pattern_;
    std::string content_;
};

// <0xE2> becomes the byte 0xE2.
class ByteFallbackDecoder : public TokenDecoder {
  public:
    void apply(std::vector<std::string>& tokens) const override {
        for (std::string& token : tokens) {
            if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>')) continue;
            unsigned byte = 0;
            const char* digits = token.data() + 3;
            const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
            if (error == std::errc() && end == digits + 2) {
                token.assign(1, static_cast<char>(byte));
            }
        }
    }
};

class StripDecoder : public TokenDecoder {
  public:
    explicit StripDecoder(const DefinitionPart& part)
        : start_(part.number("start", 0)), stop_(part.number("stop", 0)) {
        append_utf8(content_, part.character("content"));
    }
    void apply(std::vector<std::string>& tokens) const override {
        for (std::string& token : tokens) {
            for (std::uint32_t i = 0; i < start_ && token.starts_with(content_); ++i) {
                token.erase(0, content_.size());
            }
            for (std::uint32_t i = 0; i < stop_ && token.ends_with(content_); ++i) {
                token.resize(token.size() - content_.size());
            }
        }
    }

  private:
    std::string content_;
    std::uint32_t start_;
    std::uint32_t stop_;
};

class MetaspaceDecoder : public TokenDecoder {
  public:
    explicit MetaspaceDecoder(const DefinitionPart& part)
        : prepended_(part.boolean("add_prefix_space", true) &&
                     (!part.has("prepend_scheme") || part.string("prepend_scheme") != "never")) {
        append_utf8(replacement_, part.character("replacement"));
    }
    void apply(std::vector<std::string>& tokens) const override {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const std::string_view space = i == 0 && prepended_ ? "" : " ";
            std::string& token = tokens[i];
            for (std::size_t at = 0; (at = token.find(replacement_, at)) != std::string::npos;
                 at += space.size()) {
                token.replace(at, replacement_.size(), space);
            }
        }
    }

  private:
    std::string replacement_;
    bool prepended_;
};

// Words end in a suffix that stands for the space after them.
class SuffixDecoder : public TokenDecoder {
  public:
    explicit SuffixDecoder(const DefinitionPart& part)
        : suffix_(part.has("suffix") ? part.string("suffix") : "</w>") {}
    void apply(std::vector<std::string>& tokens) const override {
        if (suffix_.empty()) return;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const std::string_view space = i + 1 == tokens.size() ? "" : " ";
            for (std::size_t at = 0; (at = tokens[i].find(suffix_, at)) != std::string::npos;
                 at += space.size()) {
                tokens[i].replace(at, suffix_.size(), space);
            }
        }
    }

  private:
    std::string suffix_;
};

}  // namespace

std::unique_ptr<const TokenDecoder> read_decoder(const DefinitionPart& part) {
    const std::string type = part.type();
    if (type == "ByteLevel") return std::make_unique<ByteLevelDecoder>();
    if (type == "Sequence") return std::make_unique<SequenceDecoder>(part);
    if (type == "Replace") return std::make_unique<ReplaceDecoder>(part);
    if (type == "ByteFallback") return std::make_unique<ByteFallbackDecoder>();
    if (type == "Fuse") return std::make_unique<FuseDecoder>();
    if (type == "Strip") return std::make_unique<StripDecoder>(part);
    if (type == "Metaspace") return std::make_unique<MetaspaceDecoder>(part);
    if (type == "BPEDecoder") return std::make_unique<SuffixDecoder>(part);
    part.unsupported("the decoder '" + type + "'");
}

}  // namespace alluvium
