#pragma once
// A template's text cut into its tokens, white space control applied: with trim_blocks and
// lstrip_blocks, as transformers renders chat templates.
#include <string>
#include <string_view>
#include <vector>

namespace alluvium::jinja {

struct Token {
    enum class Kind {
        text,       // between the tags, as it is printed
        tag_begin,  // {%
        tag_end,
        print_begin,  // {{
        print_end,
        name,
        integer,
        number,
        string,  // unescaped
        sign,    // operator or bracket
        end
    };
    Kind kind = Kind::end;
    std::string value;
    int line = 1;

    bool is(Kind of, std::string_view with) const { return kind == of && value == with; }
};

// Ends with a token of kind `end`. TemplateError where the text is no template.
std::vector<Token> tokens_of(const std::string& source);

}  // namespace alluvium::jinja
