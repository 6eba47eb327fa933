#pragma once
// Text in a template's hands that remembers which of its bytes the user wrote, so that a token of
// the rendered text has its place in the user's own.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium::jinja {

class TracedText {
  public:
    static constexpr std::uint32_t kTemplate =
        0xffffffff;  // the origin of the template's own bytes

    TracedText() = default;
    TracedText(std::string bytes) : bytes_(std::move(bytes)) {}  // the template's own
    // The user's: byte i has the origin `first` + i.
    static TracedText of_user(std::string bytes, std::uint32_t first);

    const std::string& bytes() const { return bytes_; }
    std::size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    std::uint32_t origin(std::size_t byte) const {
        return origin_.empty() ? kTemplate : origin_[byte];
    }

    // std::length_error where the text gets longer than any prompt: a template could double it
    // again and again.
    void append(const TracedText& text);
    // `bytes` in the place of what came from `origin`.
    void append(std::string_view bytes, std::uint32_t origin);
    TracedText part(std::size_t begin, std::size_t end) const;  // bytes [begin, end)

  private:
    std::string bytes_;
    std::vector<std::uint32_t> origin_;  // as long as bytes_; or empty: all of it is the template's
};

// Python counts characters: their first bytes, and the end.
std::vector<std::size_t> character_starts(const TracedText& text);

}  // namespace alluvium::jinja
