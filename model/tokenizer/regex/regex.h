#pragma once
// Compiled patterns that find what the reference library's engine finds.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/text/aligned_text.h"

namespace alluvium {

class Regex {
  public:
    // `pattern` in Oniguruma's syntax. UserError where it has no translation or does not compile.
    static Regex from_oniguruma(std::string_view pattern);
    // Matches `text` itself.
    static Regex literal(std::string_view text);
    // Finds matches; holds what one thread needs to do so.
    class Matcher {
      public:
        explicit Matcher(const Regex& regex);
        ~Matcher();
        Matcher(const Matcher&) = delete;
        Matcher& operator=(const Matcher&) = delete;

        // All matches in `text` from left to right. An empty match is reported unless it touches
        // the end of the match before it; an empty text has none. RunError where the engine gives
        // up. Valid until the next call.
        const std::vector<ByteSpan>& find_all(std::string_view text);

      private:
        bool find(std::string_view text, std::size_t from, ByteSpan& match);

        struct State;
        const Regex& regex_;
        std::unique_ptr<State> state_;
        std::vector<ByteSpan> matches_;
    };

  private:
    struct Code;
    explicit Regex(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
    static Regex compile(std::string_view pattern, std::uint32_t options, std::string_view shown);

    std::shared_ptr<const Code> code_;
};

}  // namespace alluvium
