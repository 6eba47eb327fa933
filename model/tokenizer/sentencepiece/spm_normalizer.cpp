#include "model/tokenizer/sentencepiece/spm_normalizer.h"

#include "base/utf8.h"
#include "model/tokenizer/models/space_mark.h"

namespace alluvium {
namespace {

// Normalised text and, for each of its bytes, where in the text before its source begins. A
// character reaches to where the source of the next one begins, so of several characters out of
// one source the last has it.
class Builder {
  public:
    Builder(const SentencePieceFile& file, const AlignedText& source)
        : space_(file.escape_whitespaces ? kSpaceMark : " "), source_(source) {}

    void add_space() { add(space_); }
    void add_text(std::string_view text) {
        for (const char c : text) {
            if (c == ' ') {
                add_space();
            } else {
                add({&c, 1});
            }
        }
    }
    void consume(std::size_t bytes) { consumed_ += bytes; }
    void drop_trailing_spaces() {
        while (text_.ends_with(space_)) {
            text_.resize(text_.size() - space_.size());
            consumed_ = starts_[text_.size()];
            starts_.resize(text_.size());
        }
    }
    AlignedText finish() {
        starts_.push_back(consumed_);
        AlignedText result{std::move(text_), {}};
        for (std::size_t at = 0; at < result.text.size();) {
            const std::size_t next = at + decode_utf8(result.text, at).bytes;
            result.spans.resize(next, {original(starts_[at]), original(starts_[next])});
            at = next;
        }
        return result;
    }

  private:
    void add(std::string_view text) {
        text_ += text;
        starts_.resize(text_.size(), consumed_);
    }
    std::uint32_t original(std::size_t at) const {
        return at < source_.spans.size() ? source_.spans[at].begin : source_.spans.back().end;
    }

    std::string_view space_;
    const AlignedText& source_;
    std::string text_;
    std::vector<std::size_t> starts_;
    std::size_t consumed_ = 0;
};

}  // namespace

CharsMap::Rule SentencePieceNormalizer::next_rule(std::string_view text) const {
    if (const std::size_t bytes = pieces_->user_defined_prefix(text)) {
        return {bytes, text.substr(0, bytes)};
    }
    if (const auto rule = rules_.longest(text)) return *rule;
    const std::size_t bytes = decode_utf8(text, 0).bytes;
    return {bytes, text.substr(0, bytes)};
}

void SentencePieceNormalizer::apply(AlignedText& aligned) const {
    const SentencePieceFile& file = pieces_->file();
    Builder out(file, aligned);
    std::string_view rest = aligned.text;
    const auto consume = [&](std::size_t bytes) {
        out.consume(bytes);
        rest.remove_prefix(bytes);
    };
    while (file.remove_extra_whitespaces && !rest.empty()) {
        const CharsMap::Rule rule = next_rule(rest);
        if (rule.replacement != " ") break;
        consume(rule.bytes);
    }
    if (rest.empty()) {
        aligned = {};
        return;
    }
    if (file.add_dummy_prefix && !file.whitespace_as_suffix) out.add_space();
    bool after_space = file.remove_extra_whitespaces;
    while (!rest.empty()) {
        const CharsMap::Rule rule = next_rule(rest);
        std::string_view replacement = rule.replacement;
        while (after_space && replacement.starts_with(' ')) replacement.remove_prefix(1);
        if (!replacement.empty()) {
            out.add_text(replacement);
            after_space = replacement.ends_with(' ');
        }
        consume(rule.bytes);
        after_space = after_space && file.remove_extra_whitespaces;
    }
    if (file.remove_extra_whitespaces) out.drop_trailing_spaces();
    if (file.add_dummy_prefix && file.whitespace_as_suffix) out.add_space();
    aligned = out.finish();
}

}  // namespace alluvium
