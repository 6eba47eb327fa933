// The statements of a template; their expressions are read by ExpressionParser.
#include <array>

#include "model/tokenizer/chat_template/expression_parser.h"
#include "model/tokenizer/chat_template/statements.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

using Kind = Token::Kind;

class TemplateParser {
  public:
    explicit TemplateParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Body whole() {
        Body body = read_body({});
        if (tokens_.now().kind != Kind::end) {
            tokens_.fail("{% " + tokens_.now().value + " %} without its beginning");
        }
        return body;
    }

  private:
    // Up to a tag of one of these names, whose name is then the current token; or to the end.
    Body read_body(const std::vector<std::string_view>& ends) {
        const DepthGuard guard(tokens_);
        Body body;
        for (;;) {
            const int line = tokens_.now().line;
            if (tokens_.now().kind == Kind::text) {
                body.push_back(std::make_unique<Text>(line, tokens_.take().value));
            } else if (tokens_.now().kind == Kind::print_begin) {
                tokens_.take();
                body.push_back(std::make_unique<Print>(line, expressions_.tuple()));
                tokens_.expect(Kind::print_end, "}}");
            } else if (tokens_.now().kind == Kind::tag_begin) {
                tokens_.take();
                for (const std::string_view end : ends) {
                    if (tokens_.at_name(end)) return body;
                }
                body.push_back(read_statement(line));
            } else {
                if (!ends.empty() && tokens_.now().kind == Kind::end) {
                    tokens_.fail("the template ends before {% " + std::string(ends.back()) + " %}");
                }
                return body;
            }
        }
    }

    void end_tag() { tokens_.expect(Kind::tag_end, "%}"); }

    // The body and the tag that ends it.
    Body body_until(std::string_view end) {
        end_tag();
        Body body = read_body({end});
        tokens_.take();
        return body;
    }

    std::unique_ptr<const Statement> read_statement(int line) {
        const std::string word = tokens_.expect(Kind::name, "a statement").value;
        std::unique_ptr<const Statement> statement;
        if (word == "if")
            statement = read_if(line);
        else if (word == "for")
            statement = read_for(line);
        else if (word == "set")
            statement = read_set(line);
        else if (word == "macro")
            statement = read_macro(line);
        else if (word == "break")
            statement = std::make_unique<Jump>(line, Flow::leave_loop);
        else if (word == "continue")
            statement = std::make_unique<Jump>(line, Flow::next_turn);
        else if (word == "generation")
            statement = read_generation(line);
        else
            throw TemplateError(line, "the statement {% " + word + " %} is not supported");
        end_tag();
        return statement;
    }

    std::unique_ptr<const Statement> read_if(int line) {
        auto statement = std::make_unique<If>(line);
        do {
            ExpressionPtr condition = expressions_.tuple();
            end_tag();
            statement->branches.emplace_back(std::move(condition),
                                             read_body({"elif", "else", "endif"}));
        } while (tokens_.take_name("elif"));
        if (tokens_.take_name("else"))
            statement->otherwise = body_until("endif");
        else
            tokens_.take();
        return statement;
    }

    std::unique_ptr<const Statement> read_for(int line) {
        auto statement = std::make_unique<For>(line);
        statement->names = read_names();
        if (!tokens_.take_name("in")) tokens_.fail("{% for %} without 'in'");
        statement->items = expressions_.without_condition();
        if (tokens_.take_name("if")) statement->condition = expressions_.expression();
        if (tokens_.at_name("recursive")) tokens_.fail("'recursive' loops are not supported");
        end_tag();
        statement->body = read_body({"else", "endfor"});
        if (tokens_.take_name("else"))
            statement->otherwise = body_until("endfor");
        else
            tokens_.take();
        return statement;
    }

    std::vector<std::string> read_names() {
        std::vector<std::string> names;
        const bool bracket = tokens_.take_sign("(");
        do {
            names.push_back(tokens_.expect(Kind::name, "a name").value);
        } while (tokens_.take_sign(","));
        if (bracket && !tokens_.take_sign(")")) tokens_.fail("a bracket is not closed");
        return names;
    }

    std::unique_ptr<const Statement> read_set(int line) {
        auto statement = std::make_unique<Set>(line);
        statement->names = read_names();
        if (tokens_.take_sign(".")) statement->field = tokens_.expect(Kind::name, "a name").value;
        if (tokens_.take_sign("="))
            statement->value = expressions_.tuple();
        else if (tokens_.now().is(Kind::sign, "|"))
            tokens_.fail("{% set %} with a filter is not supported");
        else
            statement->body = body_until("endset");
        return statement;
    }

    std::unique_ptr<const Statement> read_macro(int line) {
        auto statement = std::make_unique<Macro>(line);
        statement->name = tokens_.expect(Kind::name, "a name").value;
        if (!tokens_.take_sign("(")) tokens_.fail("{% macro %} without parameters");
        while (!tokens_.take_sign(")")) {
            std::string name = tokens_.expect(Kind::name, "a parameter").value;
            ExpressionPtr otherwise;
            if (tokens_.take_sign("=")) otherwise = expressions_.expression();
            statement->parameters.emplace_back(std::move(name), std::move(otherwise));
            if (!tokens_.take_sign(",") && !tokens_.now().is(Kind::sign, ")")) {
                tokens_.fail("the parameters of {% macro %} are not understood");
            }
        }
        statement->body = body_until("endmacro");
        return statement;
    }

    std::unique_ptr<const Statement> read_generation(int line) {
        auto statement = std::make_unique<Generation>(line);
        statement->body = body_until("endgeneration");
        return statement;
    }

    TokenStream tokens_;
    ExpressionParser expressions_{tokens_};
};

}  // namespace

Body parse_template(const std::string& source) {
    return TemplateParser(tokens_of(source)).whole();
}

}  // namespace alluvium::jinja
