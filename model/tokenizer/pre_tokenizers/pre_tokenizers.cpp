#include <algorithm>

#include "base/utf8.h"
#include "model/tokenizer/models/space_mark.h"
#include "model/tokenizer/pre_tokenizers/pre_tokenizer.h"
#include "model/tokenizer/pre_tokenizers/split_behavior.h"
#include "model/tokenizer/text/byte_alphabet.h"
#include "model/tokenizer/text/characters.h"

namespace alluvium {
namespace {

// GPT-2's pattern, which a ByteLevel stage with use_regex stands for.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

void cut_pieces(PieceList& pieces, const Regex& pattern, SplitBehavior behavior, bool invert) {
    Regex::Matcher matcher(pattern);
    std::vector<ByteSpan> parts;
    pieces.split([&](const Piece&, std::string_view text, auto add) {
        cut_at_matches(matcher.find_all(text), text.size(), behavior, invert, parts);
        for (const ByteSpan& part : parts) add(part.begin, part.end, kNoToken);
    });
}

// Cuts at every character for which is_match(code_point).
template <typename IsMatch>
void cut_at_characters(PieceList& pieces, IsMatch&& is_match, SplitBehavior behavior) {
    std::vector<ByteSpan> matches;
    std::vector<ByteSpan> parts;
    pieces.split([&](const Piece&, std::string_view text, auto add) {
        matches.clear();
        for_each_character(text, [&](std::uint32_t c, std::size_t begin, std::size_t end) {
            if (!is_match(c)) return;
            matches.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
        });
        cut_at_matches(matches, text.size(), behavior, false, parts);
        for (const ByteSpan& part : parts) add(part.begin, part.end, kNoToken);
    });
}

class SplitPreTokenizer : public PreTokenizer {
  public:
    explicit SplitPreTokenizer(const DefinitionPart& part)
        : pattern_(part.pattern("pattern")),
          behavior_(read_split_behavior(part, SplitBehavior::removed)),
          invert_(part.boolean("invert", false)) {}
    void apply(PieceList& pieces) const override {
        cut_pieces(pieces, pattern_, behavior_, invert_);
    }

  private:
    Regex pattern_;
    SplitBehavior behavior_;
    bool invert_;
};

// The parts of a ByteLevel stage: the space in front, the cutting and the spelling.
class LeadingSpacePreTokenizer : public PreTokenizer {
  public:
    void apply(PieceList& pieces) const override {
        pieces.edit([](std::string_view text) { return !text.starts_with(' '); },
                    [](AlignedText& aligned) { prepend(aligned, " "); });
    }
};

class Gpt2PreTokenizer : public PreTokenizer {
  public:
    void apply(PieceList& pieces) const override {
        static const Regex pattern = Regex::from_oniguruma(kGpt2Pattern);
        cut_pieces(pieces, pattern, SplitBehavior::isolated, false);
    }
};

class SpellBytesPreTokenizer : public PreTokenizer {
  public:
    void apply(PieceList& pieces) const override {
        pieces.edit([](std::string_view) { return true; },
                    [](AlignedText& aligned) {
                        AlignedText spelled;
                        for (std::size_t i = 0; i < aligned.text.size(); ++i) {
                            const auto byte = static_cast<unsigned char>(aligned.text[i]);
                            append_utf8(spelled.text, byte_character(byte));
                            spelled.spans.resize(spelled.text.size(), aligned.spans[i]);
                        }
                        aligned = std::move(spelled);
                    });
    }
};

class DigitsPreTokenizer : public PreTokenizer {
  public:
    explicit DigitsPreTokenizer(const DefinitionPart& part)
        : behavior_(part.boolean("individual_digits", false) ? SplitBehavior::isolated
                                                             : SplitBehavior::contiguous) {}
    void apply(PieceList& pieces) const override {
        cut_at_characters(pieces, is_numeric, behavior_);
    }

  private:
    SplitBehavior behavior_;
};

class PunctuationPreTokenizer : public PreTokenizer {
  public:
    explicit PunctuationPreTokenizer(const DefinitionPart& part)
        : behavior_(read_split_behavior(part, SplitBehavior::isolated)) {}
    void apply(PieceList& pieces) const override {
        cut_at_characters(pieces, is_punctuation, behavior_);
    }

  private:
    SplitBehavior behavior_;
};

class WhitespaceSplitPreTokenizer : public PreTokenizer {
  public:
    void apply(PieceList& pieces) const override {
        cut_at_characters(pieces, is_white_space, SplitBehavior::removed);
    }
};

class CharDelimiterPreTokenizer : public PreTokenizer {
  public:
    explicit CharDelimiterPreTokenizer(const DefinitionPart& part)
        : delimiter_(part.character("delimiter")) {}
    void apply(PieceList& pieces) const override {
        cut_at_characters(
            pieces, [this](std::uint32_t c) { return c == delimiter_; }, SplitBehavior::removed);
    }

  private:
    std::uint32_t delimiter_;
};

// Runs of word characters and runs of what is neither a word character nor white space.
class WhitespacePreTokenizer : public PreTokenizer {
  public:
    void apply(PieceList& pieces) const override {
        enum class Kind { space, word, other };
        pieces.split([](const Piece&, std::string_view text, auto add) {
            Kind run = Kind::space;
            std::size_t run_begin = 0;
            for_each_character(text, [&](std::uint32_t c, std::size_t begin, std::size_t) {
                const Kind kind = is_word_character(c) ? Kind::word
                                  : is_white_space(c)  ? Kind::space
                                                       : Kind::other;
                if (kind == run) return;
                if (run != Kind::space) add(run_begin, begin, kNoToken);
                run = kind;
                run_begin = begin;
            });
            if (run != Kind::space) add(run_begin, text.size(), kNoToken);
        });
    }
};

class MetaspacePreTokenizer : public PreTokenizer {
  public:
    explicit MetaspacePreTokenizer(const DefinitionPart& part)
        : replacement_(part.character("replacement")), split_(part.boolean("split", true)) {
        append_utf8(replacement_text_, replacement_);
        const std::string scheme =
            part.has("prepend_scheme") ? part.string("prepend_scheme") : "always";
        always_ = scheme == "always";
        first_ = scheme == "first";
        if (!always_ && !first_ && scheme != "never") {
            part.unsupported("the prepend_scheme '" + scheme + "'");
        }
        if (!part.boolean("add_prefix_space", true)) always_ = first_ = false;
    }
    void apply(PieceList& pieces) const override {
        pieces.edit([](std::string_view) { return true; },
                    [this](AlignedText& aligned) { replace_spaces(aligned); });
        if (!split_) return;
        cut_at_characters(
            pieces, [this](std::uint32_t c) { return c == replacement_; },
            SplitBehavior::merged_with_next);
    }

  private:
    void replace_spaces(AlignedText& aligned) const {
        std::vector<ByteSpan> spaces;
        for (std::uint32_t i = 0; i < aligned.text.size(); ++i) {
            if (aligned.text[i] == ' ') spaces.push_back({i, i + 1});
        }
        replace_matches(aligned, spaces, replacement_text_);
        if (aligned.text.empty() || aligned.text.starts_with(replacement_text_)) return;
        if (always_ || (first_ && aligned.spans.front().begin == 0)) {
            prepend(aligned, replacement_text_);
        }
    }

    std::uint32_t replacement_;
    std::string replacement_text_;
    bool split_;
    bool always_ = false;
    bool first_ = false;
};

class SpaceMarkPreTokenizer : public PreTokenizer {
  public:
    void apply(PieceList& pieces) const override {
        pieces.split([](const Piece&, std::string_view text, auto add) {
            std::size_t begin = 0;
            while (begin < text.size()) {
                const std::size_t end =
                    std::min(find_inner_mark(text, kSpaceMark, begin + 1), text.size());
                add(begin, end, kNoToken);
                begin = end;
            }
        });
    }
};

using Stages = std::vector<std::unique_ptr<const PreTokenizer>>;

void add_byte_level(const DefinitionPart& part, Stages& stages) {
    if (part.boolean("add_prefix_space", true)) {
        stages.push_back(std::make_unique<LeadingSpacePreTokenizer>());
    }
    if (part.boolean("use_regex", true)) stages.push_back(std::make_unique<Gpt2PreTokenizer>());
    stages.push_back(std::make_unique<SpellBytesPreTokenizer>());
}

void add_stages(const DefinitionPart& part, Stages& stages) {
    const std::string type = part.type();
    if (type == "Sequence") {
        for (const auto& member : part.parts("pretokenizers")) add_stages(member, stages);
    } else if (type == "ByteLevel") {
        add_byte_level(part, stages);
    } else if (type == "Split") {
        stages.push_back(std::make_unique<SplitPreTokenizer>(part));
    } else if (type == "Digits") {
        stages.push_back(std::make_unique<DigitsPreTokenizer>(part));
    } else if (type == "Punctuation") {
        stages.push_back(std::make_unique<PunctuationPreTokenizer>(part));
    } else if (type == "Whitespace") {
        stages.push_back(std::make_unique<WhitespacePreTokenizer>());
    } else if (type == "WhitespaceSplit") {
        stages.push_back(std::make_unique<WhitespaceSplitPreTokenizer>());
    } else if (type == "CharDelimiterSplit") {
        stages.push_back(std::make_unique<CharDelimiterPreTokenizer>(part));
    } else if (type == "Metaspace") {
        stages.push_back(std::make_unique<MetaspacePreTokenizer>(part));
    } else {
        part.unsupported("the pre-tokenizer '" + type + "'");
    }
}

}  // namespace

std::unique_ptr<const PreTokenizer> cut_before_space_marks() {
    return std::make_unique<SpaceMarkPreTokenizer>();
}

PreTokenizers read_pre_tokenizers(const DefinitionPart& part) {
    PreTokenizers result;
    add_stages(part, result.stages);
    const auto* last = result.stages.empty() ? nullptr : result.stages.back().get();
    result.spell_bytes = dynamic_cast<const SpellBytesPreTokenizer*>(last) != nullptr;
    if (result.spell_bytes) result.stages.pop_back();
    return result;
}

}  // namespace alluvium
