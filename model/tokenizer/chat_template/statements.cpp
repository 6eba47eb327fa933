#include "model/tokenizer/chat_template/statements.h"

#include <algorithm>

#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

// Binds one name to the item, or several to its parts.
void assign(const std::vector<std::string>& names, const Value& item, Scope& scope, int line) {
    if (names.size() == 1) {
        scope.set(names.front(), item);
        return;
    }
    const List parts = items_of(item, line);
    if (parts.size() != names.size()) {
        throw TemplateError(line, std::to_string(names.size()) + " names for " +
                                      std::to_string(parts.size()) + " values");
    }
    for (std::size_t i = 0; i < names.size(); ++i) scope.set(names[i], parts[i]);
}

Value loop_value(const List& items, std::size_t at) {
    const auto index = static_cast<std::int64_t>(at);
    const auto count = static_cast<std::int64_t>(items.size());
    Dict loop;
    loop.set("index", index + 1);
    loop.set("index0", index);
    loop.set("revindex", count - index);
    loop.set("revindex0", count - index - 1);
    loop.set("first", at == 0);
    loop.set("last", at + 1 == items.size());
    loop.set("length", count);
    loop.set("previtem", at > 0 ? items[at - 1] : Value(Undefined{"loop.previtem"}));
    loop.set("nextitem", at + 1 < items.size() ? items[at + 1] : Value(Undefined{"loop.nextitem"}));
    loop.set("cycle", Callable([at](const Arguments& given) {
                 if (given.positional.empty())
                     throw TemplateError(given.line, "loop.cycle() of nothing");
                 return given.positional[at % given.positional.size()];
             }));
    return loop;
}

// A namespace within itself could never be printed, and a macro must not outlive its scope.
bool may_be_kept(const Value& value) {
    if (value.names() != nullptr || value.call() != nullptr) return false;
    if (const List* list = value.list())
        return std::all_of(list->begin(), list->end(), may_be_kept);
    const Dict* dict = value.dict();
    return dict == nullptr || std::all_of(dict->entries().begin(), dict->entries().end(),
                                          [](const auto& e) { return may_be_kept(e.second); });
}

void spend_step(Budget& budget, int line) {
    if (budget.steps == 0) throw TemplateError(line, "the template does not come to an end");
    --budget.steps;
}

}  // namespace

Flow run_body(const Body& body, Scope& scope, TracedText& out) {
    for (const auto& statement : body) {
        spend_step(scope.budget(), statement->line);
        const Flow flow = statement->run(scope, out);
        if (flow != Flow::next) return flow;
    }
    return Flow::next;
}

Flow Text::run(Scope&, TracedText& out) const {
    out.append(text);
    return Flow::next;
}

Flow Print::run(Scope& scope, TracedText& out) const {
    out.append(to_text(expression->evaluate(scope)));
    return Flow::next;
}

Flow If::run(Scope& scope, TracedText& out) const {
    for (const auto& [condition, body] : branches) {
        if (truth(condition->evaluate(scope))) return run_body(body, scope, out);
    }
    return run_body(otherwise, scope, out);
}

Flow For::run(Scope& scope, TracedText& out) const {
    List chosen;
    for (Value& item : items_of(items->evaluate(scope), line)) {
        if (condition) {
            Scope inner(&scope);
            assign(names, item, inner, line);
            if (!truth(condition->evaluate(inner))) continue;
        }
        chosen.push_back(std::move(item));
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        spend_step(scope.budget(), line);
        Scope inner(&scope);
        inner.set("loop", loop_value(chosen, i));
        assign(names, chosen[i], inner, line);
        if (run_body(body, inner, out) == Flow::leave_loop) break;
    }
    if (!chosen.empty()) return Flow::next;
    Scope inner(&scope);
    return run_body(otherwise, inner, out);
}

Flow Set::run(Scope& scope, TracedText&) const {
    Value result;
    if (value) {
        result = value->evaluate(scope);
    } else {
        TracedText printed;
        Scope inner(&scope);
        run_body(body, inner, printed);
        result = std::move(printed);
    }
    if (field.empty()) {
        assign(names, result, scope, line);
        return Flow::next;
    }
    const Value* held = scope.find(names.front());
    Dict* space = held != nullptr ? held->names() : nullptr;
    if (space == nullptr) {
        throw TemplateError(line, "'" + names.front() + "." + field +
                                      "' is set, but only a namespace() can be changed");
    }
    if (!may_be_kept(result)) {
        throw TemplateError(line, "a namespace or a function within a namespace");
    }
    space->set(field, std::move(result));
    return Flow::next;
}

Flow Macro::run(Scope& scope, TracedText&) const {
    scope.set(name,
              Callable([this, &scope](const Arguments& given) { return call(scope, given); }));
    return Flow::next;
}

Value Macro::call(const Scope& scope, const Arguments& arguments) const {
    Budget& budget = scope.budget();
    if (budget.depth == 0)
        throw TemplateError(line, "the macro '" + name + "' calls itself too often");
    if (arguments.positional.size() > parameters.size()) {
        throw TemplateError(arguments.line, "too many arguments for the macro '" + name + "'");
    }
    Scope inner(&scope);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto& [parameter, otherwise] = parameters[i];
        const Value* given = arguments.find(i, parameter);
        inner.set(parameter, given != nullptr ? *given
                             : otherwise      ? otherwise->evaluate(inner)
                                              : Value(Undefined{parameter}));
    }
    --budget.depth;
    TracedText printed;
    run_body(body, inner, printed);
    ++budget.depth;
    return printed;
}

Flow Generation::run(Scope& scope, TracedText& out) const {
    return run_body(body, scope, out);
}

}  // namespace alluvium::jinja
