#include "analysis/slices/slice_words.h"

#include <string_view>

namespace alluvium {
namespace {

using Kind = SliceWord::Kind;

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool ends_word(char c) {
    return is_space(c) || std::string_view("()=!<>,'\"").find(c) != std::string_view::npos;
}

class Splitter {
  public:
    explicit Splitter(const Slice& slice) : slice_(slice), text_(slice.text) {}

    std::vector<SliceWord> split() {
        while (skip_space()) words_.push_back(next());
        words_.push_back({Kind::end, {}, {text_.size(), text_.size()}});
        return std::move(words_);
    }

  private:
    bool skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        return at_ < text_.size();
    }

    SliceWord next() {
        const char c = text_[at_];
        if (c == '(') return take(Kind::open, 1);
        if (c == ')') return take(Kind::close, 1);
        if (c == ',') return take(Kind::comma, 1);
        if (c == '\'' || c == '"') return quoted(c);
        if (c == '=' || c == '!' || c == '<' || c == '>') return op(c);
        std::size_t length = 0;
        while (at_ + length < text_.size() && !ends_word(text_[at_ + length])) ++length;
        return take(Kind::word, length);
    }

    SliceWord take(Kind kind, std::size_t length) {
        SliceWord word{kind, text_.substr(at_, length), {at_, at_ + length}};
        at_ += length;
        return word;
    }

    SliceWord op(char first) {
        const bool equals = at_ + 1 < text_.size() && text_[at_ + 1] == '=';
        if (first == '!' && !equals) {
            refuse_slice(slice_, {at_, at_ + 1}, "'!' stands alone", "write != or not");
        }
        SliceWord word = take(Kind::op, equals ? 2 : 1);
        if (word.text == "==") word.text = "=";
        return word;
    }

    SliceWord quoted(char quote) {
        const std::size_t close = text_.find(quote, at_ + 1);
        if (close == std::string::npos) {
            refuse_slice(slice_, {at_, text_.size()}, "the quote is not closed",
                         std::string("add a ") + quote + " at its end");
        }
        SliceWord word{Kind::quoted, text_.substr(at_ + 1, close - at_ - 1), {at_, close + 1}};
        at_ = close + 1;
        return word;
    }

    const Slice& slice_;
    const std::string& text_;
    std::size_t at_ = 0;
    std::vector<SliceWord> words_;
};

}  // namespace

std::vector<SliceWord> split_slice(const Slice& slice) {
    return Splitter(slice).split();
}

}  // namespace alluvium
