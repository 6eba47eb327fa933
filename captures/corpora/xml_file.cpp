#include "captures/corpora/xml_file.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"

namespace alluvium {

pugi::xml_document parse_xml(const std::string& content, const std::string& source) {
    const auto line = [&](std::size_t byte) {
        const auto end =
            content.begin() + static_cast<std::ptrdiff_t>(std::min(byte, content.size()));
        return std::to_string(1 + std::count(content.begin(), end, '\n'));
    };
    if (const auto invalid = first_invalid_utf8(content)) {
        throw UserError("'" + source + "' line " + line(*invalid) + ": malformed UTF-8");
    }
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_buffer(
        content.data(), content.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!result) {
        throw UserError(
            "'" + source + "' line " +
                line(static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0))) +
                ": malformed XML (" + result.description() + ")",
            "the file may be truncated; fetch it again");
    }
    return document;
}

std::string text_below(const pugi::xml_node& node) {
    std::string text = node.value();
    for (const pugi::xml_node& child : node.children()) text += text_below(child);
    return text;
}

}  // namespace alluvium
