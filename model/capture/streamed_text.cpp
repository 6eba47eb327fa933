#include "model/capture/streamed_text.h"

#include <algorithm>
#include <string_view>

#include "base/utf8.h"

namespace alluvium {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD: a character not complete yet

}  // namespace

void StreamedText::add(std::uint32_t id) {
    ids_.push_back(id);
    const auto at = static_cast<std::uint32_t>(text_.size());
    begin_.push_back(at);
    end_.push_back(at);
    // Decoded behind the tokens before: what one token says may depend on its neighbour.
    const auto decoded = [this](std::size_t first, std::size_t last) {
        return tokenizer_.decode({ids_.begin() + static_cast<std::ptrdiff_t>(first),
                                  ids_.begin() + static_cast<std::ptrdiff_t>(last)});
    };
    const std::string before = decoded(from_, known_), with = decoded(from_, ids_.size());
    if (with.size() <= before.size()) return;
    const std::string more = with.substr(before.size());
    if (more.ends_with(kReplacement) || first_invalid_utf8(more)) return;
    text_ += more;
    // All that waited for this character stand at it.
    for (std::size_t t = known_ - 1; t < begin_.size(); ++t) {
        end_[t] = static_cast<std::uint32_t>(text_.size());
    }
    from_ = known_;
    known_ = ids_.size();
}

void StreamedText::cut(std::size_t bytes) {
    if (text_.size() <= bytes) return;
    while (bytes > 0 && (static_cast<unsigned char>(text_[bytes]) & 0xc0U) == 0x80U) --bytes;
    text_.resize(bytes);
    const auto end = static_cast<std::uint32_t>(bytes);
    for (std::size_t t = 0; t < begin_.size(); ++t) {
        if (end_[t] > end) begin_[t] = end_[t] = end;
    }
}

}  // namespace alluvium
