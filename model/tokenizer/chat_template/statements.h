#pragma once
// The kinds of statement.
#include "model/tokenizer/chat_template/syntax.h"

namespace alluvium::jinja {

struct Text : Statement {
    Text(int at, std::string held) : Statement(at), text(std::move(held)) {}
    Flow run(Scope&, TracedText& out) const override;
    TracedText text;
};

struct Print : Statement {
    Print(int at, ExpressionPtr of) : Statement(at), expression(std::move(of)) {}
    Flow run(Scope& scope, TracedText& out) const override;
    ExpressionPtr expression;
};

struct If : Statement {
    using Statement::Statement;
    Flow run(Scope& scope, TracedText& out) const override;
    std::vector<std::pair<ExpressionPtr, Body>> branches;
    Body otherwise;
};

struct For : Statement {
    using Statement::Statement;
    Flow run(Scope& scope, TracedText& out) const override;
    std::vector<std::string> names;  // several: every item is taken apart
    ExpressionPtr items, condition;  // condition may be null
    Body body, otherwise;
};

struct Set : Statement {
    using Statement::Statement;
    Flow run(Scope& scope, TracedText& out) const override;
    std::vector<std::string> names;
    std::string field;    // of a namespace, where not empty
    ExpressionPtr value;  // null: what the body prints
    Body body;
};

struct Macro : Statement {
    using Statement::Statement;
    Flow run(Scope& scope, TracedText& out) const override;
    Value call(const Scope& scope, const Arguments& arguments) const;
    std::string name;
    std::vector<std::pair<std::string, ExpressionPtr>> parameters;  // with a default or null
    Body body;
};

struct Jump : Statement {  // {% break %} and {% continue %}
    Jump(int at, Flow to) : Statement(at), flow(to) {}
    Flow run(Scope&, TracedText&) const override { return flow; }
    Flow flow;
};

struct Generation : Statement {  // marks what the assistant says; prints its body
    using Statement::Statement;
    Flow run(Scope& scope, TracedText& out) const override;
    Body body;
};

}  // namespace alluvium::jinja
