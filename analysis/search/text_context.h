#pragma once
// A token in its text, as a concordance shows it.
#include <cstddef>
#include <string>
#include <string_view>

namespace alluvium {

struct TextContext {
    std::string left, token, right;  // in reading order, whatever the direction of the script
};

// Bytes [begin, end) of `text` with up to `width` characters on each side. Characters are what a
// reader takes for one (Unicode's extended grapheme clusters): none is cut, so `token` may be
// wider than asked for. Line ends and tabs become spaces, malformed bytes U+FFFD.
TextContext text_context(std::string_view text, std::size_t begin, std::size_t end,
                         std::size_t width);

}  // namespace alluvium
