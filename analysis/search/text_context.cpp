#include "analysis/search/text_context.h"

#include <algorithm>
#include <memory>

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "base/error.h"
#include "base/utf8.h"

namespace alluvium {
namespace {

// Where characters begin, as byte offsets.
class Characters {
  public:
    explicit Characters(std::string_view text) : size_(text.size()) {
        UErrorCode status = U_ZERO_ERROR;
        text_.reset(
            utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status));
        breaks_.reset(ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &status));
        if (U_SUCCESS(status)) ubrk_setUText(breaks_.get(), text_.get(), &status);
        if (U_FAILURE(status)) {
            throw RunError(std::string("ICU cannot tell characters apart: ") + u_errorName(status));
        }
    }

    // The beginning of the character that holds byte `at`; the size of the text beyond it.
    std::size_t at_or_before(std::size_t at) {
        const auto place = static_cast<int32_t>(std::min(at, size_));
        if (ubrk_isBoundary(breaks_.get(), place)) return static_cast<std::size_t>(place);
        return before(static_cast<std::size_t>(place));
    }
    std::size_t at_or_after(std::size_t at) {
        const std::size_t begin = at_or_before(at);
        return begin == std::min(at, size_) ? begin : after(begin);
    }
    std::size_t before(std::size_t at) {
        const int32_t place = ubrk_preceding(breaks_.get(), static_cast<int32_t>(at));
        return place == UBRK_DONE ? 0 : static_cast<std::size_t>(place);
    }
    std::size_t after(std::size_t at) {
        const int32_t place = ubrk_following(breaks_.get(), static_cast<int32_t>(at));
        return place == UBRK_DONE ? size_ : static_cast<std::size_t>(place);
    }

  private:
    struct Close {
        void operator()(UText* text) const { utext_close(text); }
        void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
    };
    std::size_t size_;
    std::unique_ptr<UText, Close> text_;
    std::unique_ptr<UBreakIterator, Close> breaks_;
};

std::string on_one_line(std::string_view piece) {
    std::string text = printable_utf8(piece);
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return text;
}

}  // namespace

TextContext text_context(std::string_view text, std::size_t begin, std::size_t end,
                         std::size_t width) {
    Characters characters(text);
    begin = characters.at_or_before(std::min(begin, end));
    end = characters.at_or_after(end);
    std::size_t left = begin, right = end;
    for (std::size_t i = 0; i < width && left > 0; ++i) left = characters.before(left);
    for (std::size_t i = 0; i < width && right < text.size(); ++i) right = characters.after(right);
    return {on_one_line(text.substr(left, begin - left)),
            on_one_line(text.substr(begin, end - begin)),
            on_one_line(text.substr(end, right - end))};
}

}  // namespace alluvium
