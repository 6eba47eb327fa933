#include "model/tokenizer/chat_template/expressions.h"

#include "model/tokenizer/chat_template/builtins.h"
#include "model/tokenizer/chat_template/operators.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

std::optional<Value> maybe(const ExpressionPtr& expression, const Scope& scope) {
    if (!expression) return std::nullopt;
    return expression->evaluate(scope);
}
const Value* pointer(const std::optional<Value>& value) {
    return value ? &*value : nullptr;
}

Value call(const Value& callee, const std::string& name, const Arguments& arguments) {
    if (callee.call() != nullptr) return (*callee.call())(arguments);
    if (name == "strftime_now") {
        throw TemplateError(
            arguments.line,
            "strftime_now() asks for today's date, which would make every run another");
    }
    throw TemplateError(arguments.line, "the function '" + name + "' is not known");
}

}  // namespace

const Value* Scope::find(const std::string& name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
        const auto found = scope->values_.find(name);
        if (found != scope->values_.end()) return &found->second;
    }
    return nullptr;
}

Value Name::evaluate(const Scope& scope) const {
    const Value* found = scope.find(name);
    return found != nullptr ? *found : Value(Undefined{name});
}

Value ListDisplay::evaluate(const Scope& scope) const {
    List list;
    for (const ExpressionPtr& item : items) list.push_back(item->evaluate(scope));
    return list;
}

Value DictDisplay::evaluate(const Scope& scope) const {
    Dict dict;
    for (const auto& [key, value] : entries) {
        const Value name = key->evaluate(scope);
        if (name.list() != nullptr || name.dict() != nullptr) {
            throw TemplateError(line, "a dictionary whose key is " + type_name(name));
        }
        dict.set(name, value->evaluate(scope));
    }
    return dict;
}

Value Member::evaluate(const Scope& scope) const {
    return member(object->evaluate(scope), key->evaluate(scope), line);
}

Value Slice::evaluate(const Scope& scope) const {
    const auto from = maybe(begin, scope), to = maybe(end, scope), by = maybe(step, scope);
    return slice(object->evaluate(scope), pointer(from), pointer(to), pointer(by), line);
}

Arguments ArgumentList::evaluate(const Scope& scope, int line) const {
    Arguments arguments;
    arguments.line = line;
    for (const ExpressionPtr& item : positional)
        arguments.positional.push_back(item->evaluate(scope));
    for (const auto& [name, item] : named)
        arguments.named.emplace_back(name, item->evaluate(scope));
    return arguments;
}

Value Call::evaluate(const Scope& scope) const {
    const auto* of = dynamic_cast<const Member*>(callee.get());
    if (of != nullptr && of->dotted) {
        const Value object = of->object->evaluate(scope);
        const std::string name = to_text(of->key->evaluate(scope)).bytes();
        const Arguments given = arguments.evaluate(scope, line);
        const Value* held =
            object.dict() != nullptr ? object.dict()->find(TracedText(name)) : nullptr;
        if (held != nullptr && held->call() != nullptr) return (*held->call())(given);
        return call_method(object, name, given);
    }
    const auto* named = dynamic_cast<const Name*>(callee.get());
    return call(callee->evaluate(scope), named != nullptr ? named->name : "",
                arguments.evaluate(scope, line));
}

Value Filter::evaluate(const Scope& scope) const {
    return apply_filter(name, object->evaluate(scope), arguments.evaluate(scope, line));
}

Value Check::evaluate(const Scope& scope) const {
    return check(name, object->evaluate(scope), arguments.evaluate(scope, line)) != negated;
}

Value Binary::evaluate(const Scope& scope) const {
    const Value a = left->evaluate(scope);
    if (sign == "and") return truth(a) ? right->evaluate(scope) : a;
    if (sign == "or") return truth(a) ? a : right->evaluate(scope);
    return calculate(sign, a, right->evaluate(scope), line);
}

Value Comparison::evaluate(const Scope& scope) const {
    Value a = first->evaluate(scope);
    for (const auto& [sign, other] : others) {
        Value b = other->evaluate(scope);
        if (!compare(sign, a, b, line)) return false;
        a = std::move(b);
    }
    return true;
}

Value Unary::evaluate(const Scope& scope) const {
    const Value value = operand->evaluate(scope);
    if (sign == "not") return !truth(value);
    if (!value.number()) throw TemplateError(line, "'" + sign + "' before " + type_name(value));
    return calculate(sign, std::int64_t{0}, value, line);
}

Value Conditional::evaluate(const Scope& scope) const {
    if (truth(condition->evaluate(scope))) return then->evaluate(scope);
    return otherwise ? otherwise->evaluate(scope) : Value();
}

}  // namespace alluvium::jinja
