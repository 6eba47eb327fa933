#pragma once
// What a template finds ready: filters, checks, methods and functions.
#include <ctime>
#include <optional>
#include <string>

#include "model/tokenizer/chat_template/syntax.h"

namespace alluvium::jinja {

// value | name(arguments). TemplateError names a filter that is not there.
Value apply_filter(const std::string& name, const Value& value, const Arguments& arguments);

// value is name(arguments)
bool check(const std::string& name, const Value& value, const Arguments& arguments);

// object.name(arguments) of strings, lists and dictionaries.
Value call_method(const Value& object, const std::string& name, const Arguments& arguments);

// range, namespace, dict, raise_exception; and strftime_now where there is a `date`.
void add_functions(Scope& scope, const std::optional<std::tm>& date);

}  // namespace alluvium::jinja
