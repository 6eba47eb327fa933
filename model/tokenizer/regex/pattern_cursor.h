#pragma once
// A place in a pattern in Oniguruma's syntax.
#include <cstdint>
#include <string>
#include <string_view>

namespace alluvium {

class PatternCursor {
  public:
    explicit PatternCursor(std::string_view pattern) : in_(pattern) {}

    bool done() const { return at_ >= in_.size(); }
    // The next byte, 0 at the end.
    char peek() const { return done() ? '\0' : in_[at_]; }
    std::string_view rest() const { return in_.substr(at_); }
    void skip(std::size_t bytes) { at_ += bytes; }
    // Skips `text` if it comes next.
    bool accept(std::string_view text);

    // What comes before `end`, which is skipped too.
    std::string_view take_until(char end);
    char take_byte() { return in_[at_++]; }
    std::uint32_t take_character();
    // The character that the letter or sign after a backslash stands for.
    std::uint32_t take_escaped_character();

    // UserError: the pattern uses `what`, which has no translation.
    [[noreturn]] void refuse(const std::string& what) const;

  private:
    std::uint32_t take_hex(std::size_t digits);

    std::string_view in_;
    std::size_t at_ = 0;
};

}  // namespace alluvium
