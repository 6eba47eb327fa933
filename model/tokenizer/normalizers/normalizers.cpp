#include <vector>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "model/tokenizer/normalizers/normalizer.h"
#include "model/tokenizer/normalizers/unicode_form.h"
#include "model/tokenizer/text/byte_alphabet.h"
#include "model/tokenizer/text/characters.h"

namespace alluvium {
namespace {

class SequenceNormalizer : public Normalizer {
  public:
    explicit SequenceNormalizer(const DefinitionPart& part) {
        for (const DefinitionPart& member : part.parts("normalizers")) {
            members_.push_back(read_normalizer(member));
        }
    }
    bool changes(std::string_view text) const override {
        for (const auto& member : members_) {
            if (member->changes(text)) return true;
        }
        return false;
    }
    void apply(AlignedText& aligned) const override {
        for (const auto& member : members_) {
            if (member->changes(aligned.text)) member->apply(aligned);
        }
    }

  private:
    std::vector<std::unique_ptr<const Normalizer>> members_;
};

class ReplaceNormalizer : public Normalizer {
  public:
    explicit ReplaceNormalizer(const DefinitionPart& part)
        : pattern_(part.pattern("pattern")), content_(part.string("content")) {}
    bool changes(std::string_view) const override { return true; }
    void apply(AlignedText& aligned) const override {
        Regex::Matcher matcher(pattern_);
        replace_matches(aligned, matcher.find_all(aligned.text), content_);
    }

  private:
    Regex pattern_;
    std::string content_;
};

class PrependNormalizer : public Normalizer {
  public:
    explicit PrependNormalizer(const DefinitionPart& part) : prefix_(part.string("prepend")) {}
    bool changes(std::string_view text) const override { return !text.empty(); }
    void apply(AlignedText& aligned) const override { prepend(aligned, prefix_); }

  private:
    std::string prefix_;
};

class StripNormalizer : public Normalizer {
  public:
    explicit StripNormalizer(const DefinitionPart& part)
        : left_(part.boolean("strip_left", true)), right_(part.boolean("strip_right", true)) {}
    bool changes(std::string_view text) const override {
        const ByteSpan kept = kept_part(text);
        return kept.begin != 0 || kept.end != text.size();
    }
    void apply(AlignedText& aligned) const override {
        const ByteSpan kept = kept_part(aligned.text);
        aligned.text.resize(kept.end);
        aligned.text.erase(0, kept.begin);
        aligned.spans.resize(kept.end);
        aligned.spans.erase(aligned.spans.begin(), aligned.spans.begin() + kept.begin);
    }

  private:
    ByteSpan kept_part(std::string_view text) const {
        std::size_t first = text.size();
        std::size_t last = 0;
        for_each_character(text, [&](std::uint32_t c, std::size_t begin, std::size_t end) {
            if (is_white_space(c)) return;
            if (first == text.size()) first = begin;
            last = end;
        });
        if (first == text.size()) return left_ || right_ ? ByteSpan{} : whole(text);
        return {static_cast<std::uint32_t>(left_ ? first : 0),
                static_cast<std::uint32_t>(right_ ? last : text.size())};
    }
    static ByteSpan whole(std::string_view text) {
        return {0, static_cast<std::uint32_t>(text.size())};
    }

    bool left_;
    bool right_;
};

class LowercaseNormalizer : public Normalizer {
  public:
    bool changes(std::string_view) const override { return true; }
    void apply(AlignedText& aligned) const override {
        std::vector<CharEdit> edits;
        edits.reserve(aligned.text.size());
        for_each_character(aligned.text, [&](std::uint32_t c, std::size_t, std::size_t) {
            edits.push_back({lowercase(c), 0});
            // The one character whose lower case is two: i and a combining dot above.
            if (c == 0x130) edits.push_back({0x307, 1});
        });
        rewrite(aligned, edits);
    }

  private:
    static std::uint32_t lowercase(std::uint32_t c) {
        if (c == 0x130) return 'i';
        // Capital letters of Unicode 16.0 and 17.0 that the system's ICU may not know.
        if (c == 0x1c89) return 0x1c8a;
        if (c == 0xa7cb) return 0x264;
        if (c == 0xa7dc) return 0x19b;
        if (c == 0xa7cc || c == 0xa7ce || c == 0xa7d2 || c == 0xa7d4 || c == 0xa7da) return c + 1;
        if (c >= 0x10d50 && c <= 0x10d65) return c + 0x20;
        if (c >= 0x16ea0 && c <= 0x16eb8) return c + 0x1b;
        return static_cast<std::uint32_t>(u_tolower(static_cast<UChar32>(c)));
    }
};

class ByteLevelNormalizer : public Normalizer {
  public:
    bool changes(std::string_view text) const override { return !text.empty(); }
    void apply(AlignedText& aligned) const override {
        AlignedText bytes;
        for (std::size_t i = 0; i < aligned.text.size(); ++i) {
            append_utf8(bytes.text, byte_character(static_cast<unsigned char>(aligned.text[i])));
            bytes.spans.resize(bytes.text.size(), aligned.spans[i]);
        }
        aligned = std::move(bytes);
    }
};

}  // namespace

std::unique_ptr<const Normalizer> read_normalizer(const DefinitionPart& part) {
    const std::string type = part.type();
    const auto form = [](UnicodeForm f) { return std::make_unique<UnicodeFormNormalizer>(f); };
    if (type == "NFC") return form(UnicodeForm::nfc);
    if (type == "NFD") return form(UnicodeForm::nfd);
    if (type == "NFKC") return form(UnicodeForm::nfkc);
    if (type == "NFKD") return form(UnicodeForm::nfkd);
    if (type == "Sequence") return std::make_unique<SequenceNormalizer>(part);
    if (type == "Replace") return std::make_unique<ReplaceNormalizer>(part);
    if (type == "Prepend") return std::make_unique<PrependNormalizer>(part);
    if (type == "Strip") return std::make_unique<StripNormalizer>(part);
    if (type == "Lowercase") return std::make_unique<LowercaseNormalizer>();
    if (type == "ByteLevel") return std::make_unique<ByteLevelNormalizer>();
    part.unsupported("the normalizer '" + type + "'");
}

}  // namespace alluvium
