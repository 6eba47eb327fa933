#include "analysis/pairs/other_script.h"

#include <algorithm>
#include <cassert>
#include <memory>

#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "base/utf8.h"

namespace alluvium {
namespace {

struct Close {
    void operator()(UTransliterator* transliterator) const { utrans_close(transliterator); }
};
using Transliterator = std::unique_ptr<UTransliterator, Close>;

// The letters of Vuk Karadžić's orthography, which correspond one to one; ICU has the other
// direction only.
constexpr const char16_t* kSerbianToCyrillic =
    u"lj > љ; Lj > Љ; LJ > Љ; nj > њ; Nj > Њ; NJ > Њ; dž > џ; Dž > Џ; DŽ > Џ; đ > ђ; Đ > Ђ;"
    u"ž > ж; Ž > Ж; č > ч; Č > Ч; ć > ћ; Ć > Ћ; š > ш; Š > Ш;"
    u"a > а; b > б; v > в; g > г; d > д; e > е; z > з; i > и; j > ј; k > к; l > л; m > м; n > н;"
    u"o > о; p > п; r > р; s > с; t > т; u > у; f > ф; h > х; c > ц;"
    u"A > А; B > Б; V > В; G > Г; D > Д; E > Е; Z > З; I > И; J > Ј; K > К; L > Л; M > М; N > Н;"
    u"O > О; P > П; R > Р; S > С; T > Т; U > У; F > Ф; H > Х; C > Ц;";

// An id of ICU's, or rules under a name of our own.
Transliterator open(const char16_t* id, const char16_t* rules) {
    UErrorCode status = U_ZERO_ERROR;
    Transliterator result(utrans_openU(id, -1, UTRANS_FORWARD, rules, -1, nullptr, &status));
    assert(U_SUCCESS(status));
    return result;
}

std::u16string to_utf16(std::string_view text) {
    std::u16string units(text.size(), u'\0');
    std::int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8WithSub(units.data(), static_cast<std::int32_t>(units.size()), &length,
                         text.data(), static_cast<std::int32_t>(text.size()), kReplacementCharacter,
                         nullptr, &status);
    assert(U_SUCCESS(status));
    units.resize(static_cast<std::size_t>(length));
    return units;
}

std::string to_utf8(const std::u16string& units) {
    std::string text(3 * units.size(), '\0');  // a unit is at most three bytes
    std::int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text.data(), static_cast<std::int32_t>(text.size()), &length, units.data(),
                static_cast<std::int32_t>(units.size()), &status);
    assert(U_SUCCESS(status));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string written(std::string_view text, const Transliterator& transliterator) {
    std::u16string units = to_utf16(text);
    // Roomy: a character may become several letters. Grown where even that is too little.
    for (std::size_t room = 4 * units.size() + 16;; room *= 2) {
        std::u16string buffer = units;
        buffer.resize(room);
        auto length = static_cast<std::int32_t>(units.size());
        std::int32_t limit = length;
        UErrorCode status = U_ZERO_ERROR;
        utrans_transUChars(transliterator.get(), buffer.data(), &length,
                           static_cast<std::int32_t>(room), 0, &limit, &status);
        if (status == U_BUFFER_OVERFLOW_ERROR) continue;
        assert(U_SUCCESS(status));
        buffer.resize(static_cast<std::size_t>(length));
        return to_utf8(buffer);
    }
}

bool has_cyrillic(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Char c = decode_utf8(text, at);
        UErrorCode status = U_ZERO_ERROR;
        const auto script = uscript_getScript(static_cast<UChar32>(c.code_point), &status);
        if (c.bytes > 0 && script == USCRIPT_CYRILLIC) return true;
        at += std::max(c.bytes, 1U);
    }
    return false;
}

}  // namespace

std::optional<std::string> in_other_script(std::string_view text, std::string_view language) {
    const bool serbian = language == "sr";
    // Composed letters, as texts are written: ć is one character, not c and an accent.
    Transliterator to_latin =
        open(serbian ? u"Serbian-Latin/BGN; NFC" : u"Any-Latin; NFC", nullptr);
    const bool to_cyrillic = serbian && !has_cyrillic(text);
    std::string other = written(
        text, to_cyrillic ? open(u"alluvium-sr_Cyrl", kSerbianToCyrillic) : std::move(to_latin));
    if (other == text) return std::nullopt;
    return other;
}

}  // namespace alluvium
