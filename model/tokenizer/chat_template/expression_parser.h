#pragma once
// Reads expressions, in Jinja's order of precedence.
#include "model/tokenizer/chat_template/expressions.h"
#include "model/tokenizer/chat_template/token_stream.h"

namespace alluvium::jinja {

class ExpressionParser {
  public:
    explicit ExpressionParser(TokenStream& tokens) : tokens_(tokens) {}

    ExpressionPtr expression();         // with "a if b else c"
    ExpressionPtr without_condition();  // as {% for x in ... if ... %} has it
    ExpressionPtr tuple();              // expressions between commas are a list

  private:
    using Level = ExpressionPtr (ExpressionParser::*)();

    ExpressionPtr binary(std::initializer_list<std::string_view> signs, Level operand);
    ExpressionPtr conjunction();
    ExpressionPtr negation();
    ExpressionPtr comparison();
    ExpressionPtr sum();
    ExpressionPtr concatenation();
    ExpressionPtr product();
    ExpressionPtr power();
    ExpressionPtr signed_operand();
    ExpressionPtr unary(bool with_filters);
    ExpressionPtr primary();
    ExpressionPtr name();
    ExpressionPtr bracketed();
    ExpressionPtr list();
    ExpressionPtr dictionary();
    ExpressionPtr postfix(ExpressionPtr object);
    ExpressionPtr filters(ExpressionPtr object);
    ExpressionPtr subscript(ExpressionPtr object, int line);
    ExpressionPtr call(ExpressionPtr callee, int line);
    ExpressionPtr test(ExpressionPtr object, int line);
    ArgumentList arguments();
    std::string comparison_sign();

    TokenStream& tokens_;
};

}  // namespace alluvium::jinja
