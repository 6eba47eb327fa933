#include "model/tokenizer/normalizers/unicode_form.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "model/tokenizer/text/characters.h"

namespace alluvium {
namespace {

constexpr std::uint8_t kUnicodeVersion = 9;

const icu::Normalizer2& normalizer_for(UnicodeForm form) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* found = nullptr;
    switch (form) {
        case UnicodeForm::nfc:
            found = icu::Normalizer2::getNFCInstance(error);
            break;
        case UnicodeForm::nfd:
            found = icu::Normalizer2::getNFDInstance(error);
            break;
        case UnicodeForm::nfkc:
            found = icu::Normalizer2::getNFKCInstance(error);
            break;
        case UnicodeForm::nfkd:
            found = icu::Normalizer2::getNFKDInstance(error);
            break;
    }
    assert(U_SUCCESS(error) && found != nullptr);
    return *found;
}

bool is_known(std::uint32_t c) {
    UVersionInfo age;
    u_charAge(static_cast<UChar32>(c), age);
    return age[0] <= kUnicodeVersion && age[0] != 0;
}

int combining_class(std::uint32_t c) {
    if (c < 0x300) return 0;
    const int found = u_getCombiningClass(static_cast<UChar32>(c));
    return found == 0 || is_known(c) ? found : 0;
}

struct Decomposed {
    CharEdit edit;
    int combining = 0;
};

// Full decomposition in canonical order. The first character of each decomposition takes the
// original's place, the others are new.
std::vector<Decomposed> decompose(std::string_view text, const icu::Normalizer2& normalizer) {
    std::vector<Decomposed> out;
    out.reserve(text.size());
    std::size_t unsorted = 0;
    const auto sort_marks = [&] {
        std::stable_sort(
            out.begin() + static_cast<std::ptrdiff_t>(unsorted), out.end(),
            [](const Decomposed& a, const Decomposed& b) { return a.combining < b.combining; });
    };
    const auto push = [&](std::uint32_t c, bool first) {
        const int combining = combining_class(c);
        if (combining == 0) sort_marks();
        out.push_back({{c, first ? 0 : 1}, combining});
        if (combining == 0) unsorted = out.size();
    };
    icu::UnicodeString parts;
    for_each_character(text, [&](std::uint32_t c, std::size_t, std::size_t) {
        if (c < 0x80 || !normalizer.getDecomposition(static_cast<UChar32>(c), parts) ||
            !is_known(c)) {
            push(c, true);
            return;
        }
        for (std::int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
            push(static_cast<std::uint32_t>(parts.char32At(i)), i == 0);
        }
    });
    sort_marks();
    return out;
}

std::uint32_t compose_pair(const icu::Normalizer2& normalizer, std::uint32_t a, std::uint32_t b) {
    const UChar32 pair = normalizer.composePair(static_cast<UChar32>(a), static_cast<UChar32>(b));
    return pair < 0 || !is_known(static_cast<std::uint32_t>(pair))
               ? 0
               : static_cast<std::uint32_t>(pair);
}

// Canonical composition (Unicode Standard, section 3.11, D117). A composed character swallows the
// one that it was composed with.
class Composer {
  public:
    explicit Composer(const icu::Normalizer2& normalizer) : normalizer_(normalizer) {}

    void add(const Decomposed& next) {
        if (!starter_) {
            if (next.combining == 0) {
                starter_ = next.edit;
            } else {
                out_.push_back(next.edit);
            }
            return;
        }
        const bool blocked = !marks_.empty() && last_combining_ >= next.combining;
        if (!blocked && try_compose(next)) return;
        if (next.combining == 0) {
            flush();
            starter_ = next.edit;
        } else {
            marks_.push_back(next.edit);
            last_combining_ = next.combining;
        }
    }

    std::vector<CharEdit> finish() {
        flush();
        return std::move(out_);
    }

  private:
    bool try_compose(const Decomposed& next) {
        const std::uint32_t pair =
            compose_pair(normalizer_, starter_->code_point, next.edit.code_point);
        if (pair == 0) return false;
        starter_ = CharEdit{pair, starter_->effect + next.edit.effect - 1};
        return true;
    }

    void flush() {
        if (starter_) out_.push_back(*starter_);
        starter_.reset();
        out_.insert(out_.end(), marks_.begin(), marks_.end());
        marks_.clear();
    }

    const icu::Normalizer2& normalizer_;
    std::optional<CharEdit> starter_;
    std::vector<CharEdit> marks_;  // after the starter, not composed with it
    int last_combining_ = 0;       // of the last of `marks_`
    std::vector<CharEdit> out_;
};

}  // namespace

bool UnicodeFormNormalizer::changes(std::string_view text) const {
    UErrorCode error = U_ZERO_ERROR;
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    return !normalizer_for(form_).isNormalizedUTF8(piece, error) || U_FAILURE(error);
}

void UnicodeFormNormalizer::apply(AlignedText& aligned) const {
    const bool compatible = form_ == UnicodeForm::nfkc || form_ == UnicodeForm::nfkd;
    const icu::Normalizer2& decomposer =
        normalizer_for(compatible ? UnicodeForm::nfkd : UnicodeForm::nfd);
    const std::vector<Decomposed> decomposed = decompose(aligned.text, decomposer);
    std::vector<CharEdit> edits;
    if (form_ == UnicodeForm::nfc || form_ == UnicodeForm::nfkc) {
        Composer composer(normalizer_for(UnicodeForm::nfc));
        for (const Decomposed& next : decomposed) composer.add(next);
        edits = composer.finish();
    } else {
        for (const Decomposed& next : decomposed) edits.push_back(next.edit);
    }
    rewrite(aligned, edits, 0, Swallowed::join_previous);
}

}  // namespace alluvium
