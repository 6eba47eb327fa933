#include "model/tokenizer/chat_template/strings.h"

#include <algorithm>
#include <limits>

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "model/tokenizer/text/characters.h"

namespace alluvium::jinja {
namespace {

// str.isspace: White_Space and the four separators of ASCII.
bool is_python_space(std::uint32_t code_point) {
    return is_white_space(code_point) || (code_point >= 0x1c && code_point <= 0x1f);
}

std::size_t limit(std::optional<std::int64_t> most) {
    return most && *most >= 0 ? static_cast<std::size_t>(*most)
                              : std::numeric_limits<std::size_t>::max();
}

std::string converted(std::uint32_t code_point, bool upper) {
    icu::UnicodeString character(static_cast<UChar32>(code_point));
    // The root locale, as Python does it.
    if (upper)
        character.toUpper(icu::Locale::getRoot());
    else
        character.toLower(icu::Locale::getRoot());
    std::string bytes;
    return character.toUTF8String(bytes);
}

}  // namespace

TracedText strip(const TracedText& text, Side side, const TracedText* set) {
    const auto strips = [set](std::string_view character, std::uint32_t code_point) {
        return set != nullptr ? set->bytes().find(character) != std::string::npos
                              : is_python_space(code_point);
    };
    std::size_t begin = text.size(), end = 0;
    for_each_character(
        text.bytes(), [&](std::uint32_t code_point, std::size_t from, std::size_t to) {
            if (strips(std::string_view(text.bytes()).substr(from, to - from), code_point)) return;
            begin = std::min(begin, from);
            end = to;
        });
    if (side == Side::right) begin = 0;
    if (side == Side::left) end = text.size();
    return begin < end ? text.part(begin, end) : TracedText();
}

List split_at(const TracedText& text, std::string_view separator, std::optional<std::int64_t> most,
              bool from_right) {
    std::vector<std::size_t> cuts;
    const std::string& bytes = text.bytes();
    if (!from_right) {
        for (std::size_t at = 0; cuts.size() < limit(most); at += separator.size()) {
            at = bytes.find(separator, at);
            if (at == std::string::npos) break;
            cuts.push_back(at);
        }
    } else {
        for (std::size_t end = bytes.size();
             cuts.size() < limit(most) && end >= separator.size();) {
            const std::size_t at = bytes.rfind(separator, end - separator.size());
            if (at == std::string::npos) break;
            cuts.push_back(at);
            end = at;
        }
        std::reverse(cuts.begin(), cuts.end());
    }
    List parts;
    std::size_t begin = 0;
    for (const std::size_t cut : cuts) {
        parts.emplace_back(text.part(begin, cut));
        begin = cut + separator.size();
    }
    parts.emplace_back(text.part(begin, text.size()));
    return parts;
}

List split_words(const TracedText& text, std::optional<std::int64_t> most) {
    List words;
    const std::size_t none = text.size();
    std::size_t begin = none, last = none;  // of the word; `last` where the rest of the text begins
    for_each_character(text.bytes(), [&](std::uint32_t code_point, std::size_t from, std::size_t) {
        if (is_python_space(code_point)) {
            if (begin != none && last == none) words.emplace_back(text.part(begin, from));
            if (last == none) begin = none;
        } else if (begin == none) {
            begin = from;
            if (words.size() >= limit(most)) last = from;
        }
    });
    if (last != none)
        words.emplace_back(text.part(last, none));
    else if (begin != none)
        words.emplace_back(text.part(begin, none));
    return words;
}

List split_lines(const TracedText& text) {
    List lines;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text.bytes()[at];
        if (c != '\n' && c != '\r') continue;
        lines.emplace_back(text.part(begin, at));
        if (c == '\r' && at + 1 < text.size() && text.bytes()[at + 1] == '\n') ++at;
        begin = at + 1;
    }
    if (begin < text.size()) lines.emplace_back(text.part(begin, text.size()));
    return lines;
}

TracedText replace(const TracedText& text, const TracedText& from, const TracedText& to,
                   std::optional<std::int64_t> most) {
    TracedText out;
    if (from.empty()) {  // Python puts `to` around every character
        const auto starts = character_starts(text);
        for (std::size_t i = 0; i < starts.size(); ++i) {
            if (i < limit(most)) out.append(to);
            if (i + 1 < starts.size()) out.append(text.part(starts[i], starts[i + 1]));
        }
        return out;
    }
    const List parts = split_at(text, from.bytes(), most, false);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out.append(to);
        out.append(*parts[i].text());
    }
    return out;
}

TracedText in_case(const TracedText& text, Case which) {
    TracedText out;
    bool starts_word = true;
    for_each_character(text.bytes(), [&](std::uint32_t code_point, std::size_t from, std::size_t) {
        const bool upper = which == Case::upper || (which != Case::lower && starts_word);
        out.append(converted(code_point, upper), text.origin(from));
        starts_word = which == Case::title && u_isalpha(static_cast<UChar32>(code_point)) == 0;
    });
    return out;
}

}  // namespace alluvium::jinja
