// Jinja's tests: what may stand behind "is".
#include <map>

#include "model/tokenizer/chat_template/builtins.h"
#include "model/tokenizer/chat_template/operators.h"
#include "model/tokenizer/chat_template/strings.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

using Test = bool (*)(const Value&, const Arguments&);

std::int64_t whole_number(const Value& value, int line) {
    const auto number = value.integer();
    if (!number) throw TemplateError(line, "a test of whole numbers on " + type_name(value));
    return *number;
}

template <int remainder>
bool is_remainder(const Value& value, const Arguments& given) {
    return (whole_number(value, given.line) % 2 != 0) == (remainder != 0);
}

const Value& operand(const Arguments& given) {
    const Value* value = given.find(0);
    if (value == nullptr) throw TemplateError(given.line, "a test without what to compare with");
    return *value;
}

const std::map<std::string, Test>& tests() {
    static const std::map<std::string, Test> all = {
        {"defined", [](const Value& v, const Arguments&) { return !v.undefined(); }},
        {"undefined", [](const Value& v, const Arguments&) { return v.undefined(); }},
        {"none", [](const Value& v, const Arguments&) { return v.is<None>(); }},
        {"string", [](const Value& v, const Arguments&) { return v.text() != nullptr; }},
        {"mapping", [](const Value& v, const Arguments&) { return v.dict() != nullptr; }},
        {"iterable",
         [](const Value& v, const Arguments&) { return length(v).has_value() || v.undefined(); }},
        {"sequence",
         [](const Value& v, const Arguments&) { return length(v).has_value() || v.undefined(); }},
        {"number", [](const Value& v, const Arguments&) { return v.number().has_value(); }},
        {"integer", [](const Value& v, const Arguments&) { return v.is<std::int64_t>(); }},
        {"float", [](const Value& v, const Arguments&) { return v.is<double>(); }},
        {"boolean", [](const Value& v, const Arguments&) { return v.is<bool>(); }},
        {"true", [](const Value& v, const Arguments&) { return v.is<bool>() && truth(v); }},
        {"false", [](const Value& v, const Arguments&) { return v.is<bool>() && !truth(v); }},
        {"callable", [](const Value& v, const Arguments&) { return v.call() != nullptr; }},
        {"odd", is_remainder<1>},
        {"even", is_remainder<0>},
        {"divisibleby",
         [](const Value& v, const Arguments& given) {
             return *calculate("%", v, operand(given), given.line).number() == 0;
         }},
        {"upper",
         [](const Value& v, const Arguments&) {
             return in_case(to_text(v), Case::upper).bytes() == to_text(v).bytes();
         }},
        {"lower", [](const Value& v, const Arguments&) {
             return in_case(to_text(v), Case::lower).bytes() == to_text(v).bytes();
         }}};
    return all;
}

// The tests that are comparisons, under all their names.
const std::map<std::string, std::string>& comparisons() {
    static const std::map<std::string, std::string> all = {
        {"eq", "=="}, {"equalto", "=="}, {"==", "=="},        {"ne", "!="},
        {"lt", "<"},  {"lessthan", "<"}, {"le", "<="},        {"gt", ">"},
        {"ge", ">="}, {"in", "in"},      {"greaterthan", ">"}};
    return all;
}

}  // namespace

bool check(const std::string& name, const Value& value, const Arguments& given) {
    if (const auto test = tests().find(name); test != tests().end())
        return test->second(value, given);
    if (const auto sign = comparisons().find(name); sign != comparisons().end()) {
        return compare(sign->second, value, operand(given), given.line);
    }
    throw TemplateError(given.line, "the test 'is " + name + "' is not supported");
}

}  // namespace alluvium::jinja
