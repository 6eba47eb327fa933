#pragma once
// The text of tokens as they come, and where in it each stands.
#include <cstdint>
#include <string>
#include <vector>

#include "model/tokenizer/tokenizer.h"

namespace alluvium {

class StreamedText {
  public:
    // Behind a text that ends in token `before`, which decides whether white space leads.
    StreamedText(const Tokenizer& tokenizer, std::uint32_t before)
        : tokenizer_(tokenizer), ids_{before} {}

    void add(std::uint32_t id);

    // Tokens that hold parts of one character stand at all of it, once it is complete.
    const std::string& text() const { return text_; }
    const std::vector<std::uint32_t>& begin() const { return begin_; }
    const std::vector<std::uint32_t>& end() const { return end_; }

    // Cuts the text at a character so that it has at most `bytes`.
    void cut(std::size_t bytes);

  private:
    const Tokenizer& tokenizer_;
    std::vector<std::uint32_t> ids_;
    std::size_t from_ = 0, known_ = 1;  // ids [from_, known_) lead what is decoded next
    std::string text_;
    std::vector<std::uint32_t> begin_, end_;
};

}  // namespace alluvium
