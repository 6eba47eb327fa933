#include "analysis/pairs/align_texts.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <string>

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include "base/grid.h"
#include "base/utf8.h"

namespace alluvium {
namespace {

struct CloseText {
    void operator()(UText* text) const { utext_close(text); }
};
struct CloseBreaks {
    void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
};

bool is_white_space(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Char c = decode_utf8(text, at);
        if (c.bytes == 0 || u_isUWhiteSpace(static_cast<UChar32>(c.code_point)) == 0) return false;
        at += c.bytes;
    }
    return true;
}

// Two stretches of words, [begin, end) on each side, that nothing in common divides.
struct Stretch {
    std::size_t a_begin = 0, a_end = 0, b_begin = 0, b_end = 0;
};

class Aligner {
  public:
    Aligner(std::string_view a, std::string_view b)
        : a_(a), b_(b), words_a_(split_words(a)), words_b_(split_words(b)) {}

    std::vector<SpanPair> align() && {
        const std::size_t na = words_a_.size(), nb = words_b_.size();
        std::size_t first = 0, last = 0;
        while (first < std::min(na, nb) && same(first, first)) ++first;
        while (last < std::min(na, nb) - first && same(na - 1 - last, nb - 1 - last)) ++last;
        for (std::size_t i = 0; i < first; ++i) add_equal(i, i);
        align_middle({first, na - last, first, nb - last});
        for (std::size_t i = last; i > 0; --i) add_equal(na - i, nb - i);
        return std::move(pairs_);
    }

  private:
    bool same(std::size_t i, std::size_t j) const {
        const TextSpan &a = words_a_[i], &b = words_b_[j];
        return a_.substr(a.word, a.end - a.word) == b_.substr(b.word, b.end - b.word);
    }

    void align_middle(const Stretch& all) {
        const std::size_t na = all.a_end - all.a_begin, nb = all.b_end - all.b_begin;
        // Beyond this, texts that differ so much are not a pair with one change.
        constexpr std::size_t kMostCells = 4'000'000;
        if (na == 0 || nb == 0 || na > kMostCells / nb) return add_changed(all);
        // common(i, j): words in common of a[i..] and b[j..].
        Grid<std::uint32_t> common(na + 1, nb + 1);
        for (std::size_t i = na; i-- > 0;) {
            for (std::size_t j = nb; j-- > 0;) {
                common(i, j) = same(all.a_begin + i, all.b_begin + j)
                                   ? common(i + 1, j + 1) + 1
                                   : std::max(common(i + 1, j), common(i, j + 1));
            }
        }
        Stretch open{all.a_begin, all.a_begin, all.b_begin, all.b_begin};
        while (open.a_end < all.a_end && open.b_end < all.b_end) {
            const std::size_t i = open.a_end - all.a_begin, j = open.b_end - all.b_begin;
            if (same(open.a_end, open.b_end)) {
                add_changed(open);
                add_equal(open.a_end, open.b_end);
                open = {open.a_end + 1, open.a_end + 1, open.b_end + 1, open.b_end + 1};
            } else {
                ++(common(i + 1, j) >= common(i, j + 1) ? open.a_end : open.b_end);
            }
        }
        add_changed({open.a_begin, all.a_end, open.b_begin, all.b_end});
    }

    void add_equal(std::size_t i, std::size_t j) {
        pairs_.push_back({words_a_[i], words_b_[j], true});
    }

    void add_changed(const Stretch& s) {
        const std::size_t na = s.a_end - s.a_begin, nb = s.b_end - s.b_begin;
        if (na == 0 && nb == 0) return;
        if (na == nb) {
            for (std::size_t i = 0; i < na; ++i) {
                pairs_.push_back({words_a_[s.a_begin + i], words_b_[s.b_begin + i], false});
            }
            return;
        }
        pairs_.push_back(
            {joined(words_a_, s.a_begin, s.a_end), joined(words_b_, s.b_begin, s.b_end), false});
    }

    static TextSpan joined(const std::vector<TextSpan>& words, std::size_t begin, std::size_t end) {
        if (begin < end) return {words[begin].begin, words[begin].word, words[end - 1].end};
        const std::uint32_t at = begin < words.size() ? words[begin].begin
                                 : words.empty()      ? 0
                                                      : words.back().end;
        return {at, at, at};
    }

    std::string_view a_, b_;
    std::vector<TextSpan> words_a_, words_b_;
    std::vector<SpanPair> pairs_;
};

}  // namespace

std::vector<TextSpan> split_words(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UText, CloseText> units(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status));
    const std::unique_ptr<UBreakIterator, CloseBreaks> breaks(
        ubrk_open(UBRK_WORD, "", nullptr, 0, &status));
    if (U_SUCCESS(status)) ubrk_setUText(breaks.get(), units.get(), &status);
    assert(U_SUCCESS(status));
    std::vector<TextSpan> words;
    std::uint32_t begin = 0;  // of the white space before the next word
    std::int32_t from = ubrk_first(breaks.get());
    for (std::int32_t to = ubrk_next(breaks.get()); to != UBRK_DONE; to = ubrk_next(breaks.get())) {
        const auto word = static_cast<std::uint32_t>(from), end = static_cast<std::uint32_t>(to);
        from = to;
        if (is_white_space(text.substr(word, end - word))) continue;
        words.push_back({begin, word, end});
        begin = end;
    }
    return words;
}

std::vector<SpanPair> align_texts(std::string_view a, std::string_view b) {
    return Aligner(a, b).align();
}

}  // namespace alluvium
