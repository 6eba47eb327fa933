#pragma once
// The kinds of expression.
#include <optional>

#include "model/tokenizer/chat_template/syntax.h"

namespace alluvium::jinja {

struct Literal : Expression {
    Literal(int at, Value held) : Expression(at), value(std::move(held)) {}
    Value evaluate(const Scope&) const override { return value; }
    Value value;
};

struct Name : Expression {
    Name(int at, std::string of) : Expression(at), name(std::move(of)) {}
    Value evaluate(const Scope& scope) const override;
    std::string name;
};

struct ListDisplay : Expression {
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    std::vector<ExpressionPtr> items;
};

struct DictDisplay : Expression {
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
};

// x.name and x[key]
struct Member : Expression {
    Member(int at, ExpressionPtr of, ExpressionPtr by)
        : Expression(at), object(std::move(of)), key(std::move(by)) {}
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr object, key;
    bool dotted = false;
};

struct Slice : Expression {
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr object, begin, end, step;  // null where left out
};

struct ArgumentList {
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    Arguments evaluate(const Scope& scope, int line) const;
};

struct Call : Expression {
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr callee;
    ArgumentList arguments;
};

struct Filter : Expression {
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr object;
    std::string name;
    ArgumentList arguments;
};

struct Check : Expression {  // x is name
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr object;
    std::string name;
    ArgumentList arguments;
    bool negated = false;
};

struct Binary : Expression {
    Binary(int at, std::string of, ExpressionPtr a, ExpressionPtr b)
        : Expression(at), sign(std::move(of)), left(std::move(a)), right(std::move(b)) {}
    Value evaluate(const Scope& scope) const override;
    std::string sign;  // + - * / // % ** ~ == != < <= > >= in, not in, and, or
    ExpressionPtr left, right;
};

// a < b < c: every neighbouring pair holds.
struct Comparison : Expression {
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr first;
    std::vector<std::pair<std::string, ExpressionPtr>> others;
};

struct Unary : Expression {
    Unary(int at, std::string of, ExpressionPtr x)
        : Expression(at), sign(std::move(of)), operand(std::move(x)) {}
    Value evaluate(const Scope& scope) const override;
    std::string sign;  // - + not
    ExpressionPtr operand;
};

struct Conditional : Expression {  // a if condition else b
    using Expression::Expression;
    Value evaluate(const Scope& scope) const override;
    ExpressionPtr condition, then, otherwise;  // otherwise may be null
};

}  // namespace alluvium::jinja
