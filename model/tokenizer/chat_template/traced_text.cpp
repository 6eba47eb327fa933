#include "model/tokenizer/chat_template/traced_text.h"

#include <numeric>
#include <stdexcept>

#include "model/tokenizer/text/characters.h"

namespace alluvium::jinja {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 28;

void check_size(std::size_t held, std::size_t more) {
    if (more > kMostBytes - held) throw std::length_error("more than 256 MiB of text");
}

}  // namespace

TracedText TracedText::of_user(std::string bytes, std::uint32_t first) {
    TracedText text(std::move(bytes));
    text.origin_.resize(text.size());
    std::iota(text.origin_.begin(), text.origin_.end(), first);
    return text;
}

void TracedText::append(const TracedText& text) {
    check_size(size(), text.size());
    if (!origin_.empty() || !text.origin_.empty()) {
        origin_.resize(size(), kTemplate);
        origin_.insert(origin_.end(), text.origin_.begin(), text.origin_.end());
        origin_.resize(size() + text.size(), kTemplate);
    }
    bytes_ += text.bytes_;
}

void TracedText::append(std::string_view bytes, std::uint32_t origin) {
    check_size(size(), bytes.size());
    if (!origin_.empty() || origin != kTemplate) {
        origin_.resize(size(), kTemplate);
        origin_.resize(size() + bytes.size(), origin);
    }
    bytes_ += bytes;
}

TracedText TracedText::part(std::size_t begin, std::size_t end) const {
    TracedText text(bytes_.substr(begin, end - begin));
    if (!origin_.empty()) {
        text.origin_.assign(origin_.begin() + static_cast<std::ptrdiff_t>(begin),
                            origin_.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return text;
}

std::vector<std::size_t> character_starts(const TracedText& text) {
    std::vector<std::size_t> starts;
    for_each_character(text.bytes(), [&](std::uint32_t, std::size_t begin, std::size_t) {
        starts.push_back(begin);
    });
    starts.push_back(text.size());
    return starts;
}

}  // namespace alluvium::jinja
