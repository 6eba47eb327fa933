#include "captures/prompts/text_lines.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/utf8.h"

namespace alluvium {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::size_t line_of(std::string_view content, std::size_t byte) {
    const std::string_view before = content.substr(0, byte);
    return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
}

void expect_text(const std::string& path, std::string_view content) {
    const auto place = [&](std::size_t byte) {
        return "'" + path + "' line " + std::to_string(line_of(content, byte)) + ": ";
    };
    if (const auto invalid = first_invalid_utf8(content)) {
        throw UserError(place(*invalid) + "malformed UTF-8 at byte " + std::to_string(*invalid) +
                            " of the file",
                        "save the file as UTF-8");
    }
    if (const std::size_t nul = content.find('\0'); nul != std::string_view::npos) {
        throw UserError(
            place(nul) + "a NUL character at byte " + std::to_string(nul) + " of the file",
            "save the file as plain text in UTF-8");
    }
}

}  // namespace

TextLines::TextLines(const std::string& path) : path_(path), content_(read_file(path)) {
    expect_text(path_, content_);
    std::string_view rest = content_;
    if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines_.push_back({number, line});
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

void TextLines::fail(const TextLine& line, const std::string& what, const std::string& hint) const {
    throw UserError("'" + path_ + "' line " + std::to_string(line.number) + ": " + what, hint);
}

}  // namespace alluvium
