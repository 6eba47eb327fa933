#pragma once
// The tree of a template: expressions have a value, statements print.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/tokenizer/chat_template/value.h"

namespace alluvium::jinja {

// What a whole rendering may cost: a template is a program from elsewhere and may never end.
struct Budget {
    std::size_t steps = 5'000'000;
    int depth = 50;  // of macros within macros
};

// The names at one place of the template; {% for %} and macros open a scope of their own.
class Scope {
  public:
    explicit Scope(Budget& budget) : budget_(budget) {}
    explicit Scope(const Scope* outer) : outer_(outer), budget_(outer->budget_) {}
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    const Value* find(const std::string& name) const;
    void set(const std::string& name, Value value) { values_[name] = std::move(value); }
    Budget& budget() const { return budget_; }

  private:
    const Scope* outer_ = nullptr;
    std::map<std::string, Value> values_;
    Budget& budget_;
};

struct Expression {
    explicit Expression(int at) : line(at) {}
    virtual ~Expression() = default;
    virtual Value evaluate(const Scope& scope) const = 0;
    int line;
};
using ExpressionPtr = std::unique_ptr<const Expression>;

// What follows a statement: the next one, the next turn of the loop, or its end.
enum class Flow { next, next_turn, leave_loop };

struct Statement {
    explicit Statement(int at) : line(at) {}
    virtual ~Statement() = default;
    virtual Flow run(Scope& scope, TracedText& out) const = 0;
    int line;
};
using Body = std::vector<std::unique_ptr<const Statement>>;

Flow run_body(const Body& body, Scope& scope, TracedText& out);

// TemplateError names what cannot be understood.
Body parse_template(const std::string& source);

}  // namespace alluvium::jinja
