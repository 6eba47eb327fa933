#pragma once
// Sets of characters as PCRE2 expressions that match exactly one of them, with the members that the
// reference library's engine (Oniguruma, Unicode 16.0) gives them.
#include <string>
#include <string_view>
#include <vector>

namespace alluvium {

class CharClass {
  public:
    CharClass() = default;
    // `items` is what may stand between PCRE2's square brackets.
    explicit CharClass(std::string items) : items_(std::move(items)) {}

    void add(std::uint32_t code_point);
    void add_range(std::uint32_t first, std::uint32_t last);
    void add(const CharClass& other);
    void intersect(const CharClass& other);
    void negate();

    // An atom: may be followed by a quantifier.
    std::string expression() const;

  private:
    std::string items_;
    std::vector<std::string> others_;  // expressions for members that no bracket item can name
    bool negated_ = false;
};

// \s, \d, \w, \h of Oniguruma.
CharClass white_space_class();
CharClass digit_class();
CharClass word_class();
CharClass hex_digit_class();

// \p{name}: a general category (short, or one of the long names of the groups), a few binary
// properties, or a script. UserError where `name` is none of them.
CharClass property_class(std::string_view name);

// [:name:]. UserError where `name` is not supported.
CharClass posix_class(std::string_view name);

}  // namespace alluvium
