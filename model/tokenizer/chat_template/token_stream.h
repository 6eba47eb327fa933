#pragma once
// The tokens of a template as its parser goes through them.
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/chat_template/lexer.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {

class TokenStream {
  public:
    explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    const Token& now() const { return tokens_[at_]; }
    const Token& next() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
    const Token& take() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_[at_]; }

    bool at_name(std::string_view name) const { return now().is(Token::Kind::name, name); }
    bool at_sign(std::string_view sign) const { return now().is(Token::Kind::sign, sign); }
    bool take_name(std::string_view name) { return at_name(name) && (take(), true); }
    bool take_sign(std::string_view sign) { return at_sign(sign) && (take(), true); }
    const Token& expect(Token::Kind kind, const std::string& what) {
        if (now().kind != kind) fail("expected " + what + ", found " + found());
        return take();
    }

    [[noreturn]] void fail(const std::string& what) const { throw TemplateError(now().line, what); }

  private:
    friend class DepthGuard;

    std::string found() const {
        switch (now().kind) {
            case Token::Kind::end:
                return "the end of the template";
            case Token::Kind::tag_end:
                return "'%}'";
            case Token::Kind::print_end:
                return "'}}'";
            case Token::Kind::string:
                return "a string";
            default:
                return "'" + now().value + "'";
        }
    }

    std::vector<Token> tokens_;  // the last is of kind `end`
    std::size_t at_ = 0;
    int depth_ = 0;
};

// Refuses what is nested so deep that reading it could exhaust the stack.
class DepthGuard {
  public:
    explicit DepthGuard(TokenStream& tokens) : tokens_(tokens) {
        if (++tokens_.depth_ > kDeepest) tokens_.fail("nested too deep");
    }
    ~DepthGuard() { --tokens_.depth_; }
    DepthGuard(const DepthGuard&) = delete;

  private:
    static constexpr int kDeepest = 100;
    TokenStream& tokens_;
};

}  // namespace alluvium::jinja
