#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

// One line of a text file, without its line end.
struct TextLine {
    std::size_t number = 0;  // from 1
    std::string_view text;
};

// A text file as lines: a byte order mark and the carriage returns of CRLF are dropped, so is what
// follows the last line end when it is empty. UserError where the file is not UTF-8 (line, and byte
// from 0 in the file) or holds a NUL character.
class TextLines {
  public:
    explicit TextLines(const std::string& path);
    TextLines(const TextLines&) = delete;
    TextLines& operator=(const TextLines&) = delete;

    const std::string& path() const { return path_; }
    const std::vector<TextLine>& lines() const { return lines_; }
    // UserError "'PATH' line N: WHAT".
    [[noreturn]] void fail(const TextLine& line, const std::string& what,
                           const std::string& hint = {}) const;

  private:
    std::string path_;
    std::string content_;
    std::vector<TextLine> lines_;
};

}  // namespace alluvium
