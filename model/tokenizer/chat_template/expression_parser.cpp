#include "model/tokenizer/chat_template/expression_parser.h"

#include <algorithm>
#include <array>

namespace alluvium::jinja {

using Kind = Token::Kind;

ExpressionPtr ExpressionParser::tuple() {
    const int line = tokens_.now().line;
    ExpressionPtr first = expression();
    if (!tokens_.at_sign(",")) return first;
    auto items = std::make_unique<ListDisplay>(line);
    items->items.push_back(std::move(first));
    while (tokens_.take_sign(",")) {
        if (tokens_.now().kind == Kind::tag_end || tokens_.at_sign(")")) break;
        items->items.push_back(expression());
    }
    return items;
}

ExpressionPtr ExpressionParser::expression() {
    const DepthGuard guard(tokens_);
    ExpressionPtr value = without_condition();
    while (tokens_.at_name("if")) {
        auto choice = std::make_unique<Conditional>(tokens_.take().line);
        choice->then = std::move(value);
        choice->condition = without_condition();
        if (tokens_.take_name("else")) choice->otherwise = expression();
        value = std::move(choice);
    }
    return value;
}

ExpressionPtr ExpressionParser::without_condition() {
    ExpressionPtr left = conjunction();
    while (tokens_.at_name("or")) {
        const int line = tokens_.take().line;
        left = std::make_unique<Binary>(line, "or", std::move(left), conjunction());
    }
    return left;
}

ExpressionPtr ExpressionParser::conjunction() {
    ExpressionPtr left = negation();
    while (tokens_.at_name("and")) {
        const int line = tokens_.take().line;
        left = std::make_unique<Binary>(line, "and", std::move(left), negation());
    }
    return left;
}

ExpressionPtr ExpressionParser::negation() {
    if (!tokens_.at_name("not")) return comparison();
    const DepthGuard guard(tokens_);
    const int line = tokens_.take().line;
    return std::make_unique<Unary>(line, "not", negation());
}

// The sign of a comparison, taken; empty where none follows.
std::string ExpressionParser::comparison_sign() {
    static constexpr std::array<std::string_view, 6> kSigns = {"==", "!=", "<", "<=", ">", ">="};
    const Token& now = tokens_.now();
    if (now.kind == Kind::sign &&
        std::find(kSigns.begin(), kSigns.end(), now.value) != kSigns.end()) {
        return tokens_.take().value;
    }
    if (tokens_.take_name("in")) return "in";
    if (tokens_.at_name("not") && tokens_.next().is(Kind::name, "in")) {
        tokens_.take();
        tokens_.take();
        return "not in";
    }
    return {};
}

ExpressionPtr ExpressionParser::comparison() {
    const int line = tokens_.now().line;
    ExpressionPtr first = sum();
    std::string sign = comparison_sign();
    if (sign.empty()) return first;
    auto chain = std::make_unique<Comparison>(line);
    chain->first = std::move(first);
    for (; !sign.empty(); sign = comparison_sign()) chain->others.emplace_back(sign, sum());
    return chain;
}

ExpressionPtr ExpressionParser::binary(std::initializer_list<std::string_view> signs,
                                       Level operand) {
    ExpressionPtr left = (this->*operand)();
    while (tokens_.now().kind == Kind::sign &&
           std::find(signs.begin(), signs.end(), tokens_.now().value) != signs.end()) {
        const Token sign = tokens_.take();
        left = std::make_unique<Binary>(sign.line, sign.value, std::move(left), (this->*operand)());
    }
    return left;
}

ExpressionPtr ExpressionParser::sum() {
    return binary({"+", "-"}, &ExpressionParser::concatenation);
}
ExpressionPtr ExpressionParser::concatenation() {
    return binary({"~"}, &ExpressionParser::product);
}
ExpressionPtr ExpressionParser::product() {
    return binary({"*", "/", "//", "%"}, &ExpressionParser::power);
}
ExpressionPtr ExpressionParser::power() {
    return binary({"**"}, &ExpressionParser::signed_operand);
}
ExpressionPtr ExpressionParser::signed_operand() {
    return unary(true);
}

ExpressionPtr ExpressionParser::unary(bool with_filters) {
    const DepthGuard guard(tokens_);
    ExpressionPtr value;
    if (tokens_.at_sign("-") || tokens_.at_sign("+")) {
        const Token sign = tokens_.take();
        value = std::make_unique<Unary>(sign.line, sign.value, unary(false));
    } else {
        value = primary();
    }
    value = postfix(std::move(value));
    return with_filters ? filters(std::move(value)) : std::move(value);
}

ExpressionPtr ExpressionParser::primary() {
    const Token token = tokens_.now();
    switch (token.kind) {
        case Kind::name:
            return name();
        case Kind::integer:
            tokens_.take();
            return std::make_unique<Literal>(token.line, std::int64_t{std::stoll(token.value)});
        case Kind::number:
            tokens_.take();
            return std::make_unique<Literal>(token.line, std::stod(token.value));
        case Kind::string: {
            std::string text;  // neighbouring strings are one, as in Python
            while (tokens_.now().kind == Kind::string) text += tokens_.take().value;
            return std::make_unique<Literal>(token.line, TracedText(text));
        }
        default:
            break;
    }
    if (tokens_.take_sign("(")) return bracketed();
    if (tokens_.take_sign("[")) return list();
    if (tokens_.take_sign("{")) return dictionary();
    tokens_.expect(Kind::name, "a value");
    return nullptr;  // expect() has thrown
}

ExpressionPtr ExpressionParser::name() {
    const Token token = tokens_.take();
    const std::string& word = token.value;
    if (word == "true" || word == "True") return std::make_unique<Literal>(token.line, true);
    if (word == "false" || word == "False") return std::make_unique<Literal>(token.line, false);
    if (word == "none" || word == "None") return std::make_unique<Literal>(token.line, None{});
    return std::make_unique<Name>(token.line, word);
}

ExpressionPtr ExpressionParser::bracketed() {
    if (tokens_.at_sign(")")) return std::make_unique<ListDisplay>(tokens_.take().line);
    ExpressionPtr value = tuple();
    if (!tokens_.take_sign(")")) tokens_.fail("a bracket is not closed");
    return value;
}

ExpressionPtr ExpressionParser::list() {
    auto list = std::make_unique<ListDisplay>(tokens_.now().line);
    while (!tokens_.take_sign("]")) {
        list->items.push_back(expression());
        if (!tokens_.take_sign(",") && !tokens_.at_sign("]")) tokens_.fail("a list is not closed");
    }
    return list;
}

ExpressionPtr ExpressionParser::dictionary() {
    auto dict = std::make_unique<DictDisplay>(tokens_.now().line);
    while (!tokens_.take_sign("}")) {
        ExpressionPtr key = expression();
        if (!tokens_.take_sign(":")) tokens_.fail("a key without its value");
        dict->entries.emplace_back(std::move(key), expression());
        if (!tokens_.take_sign(",") && !tokens_.at_sign("}")) {
            tokens_.fail("a dictionary is not closed");
        }
    }
    return dict;
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr object) {
    for (;;) {
        const int line = tokens_.now().line;
        if (tokens_.take_sign(".")) {
            if (tokens_.now().kind == Kind::integer) {  // items.0 is items[0]
                object = std::make_unique<Member>(line, std::move(object), primary());
                continue;
            }
            const std::string key = tokens_.expect(Kind::name, "a name").value;
            auto of = std::make_unique<Member>(line, std::move(object),
                                               std::make_unique<Literal>(line, TracedText(key)));
            of->dotted = true;
            object = std::move(of);
        } else if (tokens_.take_sign("[")) {
            object = subscript(std::move(object), line);
        } else if (tokens_.take_sign("(")) {
            object = call(std::move(object), line);
        } else {
            return object;
        }
    }
}

ExpressionPtr ExpressionParser::filters(ExpressionPtr object) {
    for (;;) {
        const int line = tokens_.now().line;
        if (tokens_.take_sign("|")) {
            auto filter = std::make_unique<Filter>(line);
            filter->object = std::move(object);
            filter->name = tokens_.expect(Kind::name, "a filter").value;
            if (tokens_.take_sign("(")) filter->arguments = arguments();
            object = std::move(filter);
        } else if (tokens_.take_name("is")) {
            object = test(std::move(object), line);
        } else if (tokens_.take_sign("(")) {
            object = call(std::move(object), line);
        } else {
            return object;
        }
    }
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr object, int line) {
    const auto ends = [this] { return tokens_.at_sign(":") || tokens_.at_sign("]"); };
    ExpressionPtr first = ends() ? nullptr : expression();
    if (first && tokens_.take_sign("]")) {
        return std::make_unique<Member>(line, std::move(object), std::move(first));
    }
    auto slice = std::make_unique<Slice>(line);
    slice->object = std::move(object);
    slice->begin = std::move(first);
    if (!tokens_.take_sign(":")) tokens_.fail("a subscript is not understood");
    if (!ends()) slice->end = expression();
    if (tokens_.take_sign(":") && !ends()) slice->step = expression();
    if (!tokens_.take_sign("]")) tokens_.fail("a subscript is not closed");
    return slice;
}

ExpressionPtr ExpressionParser::call(ExpressionPtr callee, int line) {
    auto call = std::make_unique<Call>(line);
    call->callee = std::move(callee);
    call->arguments = arguments();
    return call;
}

ExpressionPtr ExpressionParser::test(ExpressionPtr object, int line) {
    auto check = std::make_unique<Check>(line);
    check->object = std::move(object);
    check->negated = tokens_.take_name("not");
    check->name = tokens_.expect(Kind::name, "a test").value;
    const Token& now = tokens_.now();
    const bool value = now.kind == Kind::string || now.kind == Kind::integer ||
                       now.kind == Kind::number || tokens_.at_sign("[") || tokens_.at_sign("{");
    static constexpr std::array<std::string_view, 7> kWords = {"else", "or",  "and", "if",
                                                               "is",   "not", "in"};
    const bool word = now.kind == Kind::name &&
                      std::find(kWords.begin(), kWords.end(), now.value) == kWords.end();
    if (tokens_.take_sign("("))
        check->arguments = arguments();
    else if (value || word)
        check->arguments.positional.push_back(postfix(primary()));
    return check;
}

// Behind the opening bracket; takes the closing one.
ArgumentList ExpressionParser::arguments() {
    ArgumentList list;
    while (!tokens_.take_sign(")")) {
        if (tokens_.at_sign("*") || tokens_.at_sign("**")) {
            tokens_.fail("arguments with " + tokens_.now().value + " are not supported");
        }
        if (tokens_.now().kind == Kind::name && tokens_.next().is(Kind::sign, "=")) {
            std::string name = tokens_.take().value;
            tokens_.take();
            list.named.emplace_back(std::move(name), expression());
        } else {
            list.positional.push_back(expression());
        }
        if (!tokens_.take_sign(",") && !tokens_.at_sign(")"))
            tokens_.fail("arguments are not closed");
    }
    return list;
}

}  // namespace alluvium::jinja
