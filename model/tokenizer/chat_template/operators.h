#pragma once
// What the signs of an expression compute.
#include <string_view>

#include "model/tokenizer/chat_template/value.h"

namespace alluvium::jinja {

// + - * / // % ** ~. TemplateError where the kinds do not go together.
Value calculate(std::string_view sign, const Value& a, const Value& b, int line);
// == != < <= > >= in, not in.
bool compare(std::string_view sign, const Value& a, const Value& b, int line);

// object[key]; undefined where there is none. TemplateError on an undefined object.
Value member(const Value& object, const Value& key, int line);
// object[begin:end:step] of strings and lists, the bounds as given or null.
Value slice(const Value& object, const Value* begin, const Value* end, const Value* step, int line);

}  // namespace alluvium::jinja
