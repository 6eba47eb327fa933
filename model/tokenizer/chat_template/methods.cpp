// The methods of strings, lists and dictionaries that templates call.
#include <algorithm>
#include <map>

#include "model/tokenizer/chat_template/builtins.h"
#include "model/tokenizer/chat_template/strings.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

using TextMethod = Value (*)(const TracedText&, const Arguments&);

const TracedText& text_argument(const Arguments& given, std::size_t at) {
    const Value* value = given.find(at);
    if (value == nullptr || value->text() == nullptr) {
        throw TemplateError(given.line, "a method of a string without its string");
    }
    return *value->text();
}

std::optional<std::int64_t> count_argument(const Arguments& given, std::size_t at,
                                           const char* name) {
    const Value* value = given.find(at, name);
    return value != nullptr ? value->integer() : std::nullopt;
}

template <Side side>
Value strip_method(const TracedText& text, const Arguments& given) {
    const Value* set = given.find(0);
    return strip(text, side, set != nullptr ? set->text() : nullptr);
}

template <Case which>
Value case_method(const TracedText& text, const Arguments&) {
    return in_case(text, which);
}

template <bool from_right>
Value split_method(const TracedText& text, const Arguments& given) {
    const Value* separator = given.find(0, "sep");
    const auto most = count_argument(given, 1, "maxsplit");
    if (separator == nullptr || separator->is<None>()) {
        if (from_right && most)
            throw TemplateError(given.line, "rsplit() at white space is not supported");
        return split_words(text, most);
    }
    if (separator->text() == nullptr || separator->text()->empty()) {
        throw TemplateError(given.line, "split() at what is no string or empty");
    }
    return split_at(text, separator->text()->bytes(), most, from_right);
}

// One string, or any of a list.
template <bool at_start>
Value edge_method(const TracedText& text, const Arguments& given) {
    const Value* asked = given.find(0);
    const auto matches = [&](const Value& edge) {
        if (edge.text() == nullptr)
            throw TemplateError(given.line, "startswith() or endswith() without a string");
        const std::string& bytes = edge.text()->bytes();
        return at_start ? text.bytes().starts_with(bytes) : text.bytes().ends_with(bytes);
    };
    if (asked != nullptr && asked->list() != nullptr) {
        return std::any_of(asked->list()->begin(), asked->list()->end(), matches);
    }
    return matches(asked != nullptr ? *asked : Value());
}

Value replace_method(const TracedText& text, const Arguments& given) {
    return replace(text, text_argument(given, 0), text_argument(given, 1),
                   count_argument(given, 2, "count"));
}

// In characters.
Value find_method(const TracedText& text, const Arguments& given) {
    const std::size_t at = text.bytes().find(text_argument(given, 0).bytes());
    if (at == std::string::npos) return std::int64_t{-1};
    return *length(Value(text.part(0, at)));
}

Value count_method(const TracedText& text, const Arguments& given) {
    const TracedText& part = text_argument(given, 0);
    if (part.empty()) throw TemplateError(given.line, "count() of an empty string");
    return static_cast<std::int64_t>(split_at(text, part.bytes(), std::nullopt, false).size()) - 1;
}

Value join_method(const TracedText& text, const Arguments& given) {
    TracedText out;
    bool first = true;
    for (const Value& item :
         items_of(given.find(0) != nullptr ? *given.find(0) : Value(), given.line)) {
        if (!first) out.append(text);
        first = false;
        out.append(to_text(item));
    }
    return out;
}

bool is_digit(std::int32_t c) {
    return c >= '0' && c <= '9';
}

// '{}'.format(x): fields by order, place or name, without a format of their own.
Value format_method(const TracedText& text, const Arguments& given) {
    const std::string& bytes = text.bytes();
    TracedText out;
    std::size_t next = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const bool doubled = at + 1 < bytes.size() && bytes[at + 1] == bytes[at];
        if ((bytes[at] != '{' && bytes[at] != '}') || doubled) {
            out.append(text.part(at, at + 1));
            at += bytes[at] == '{' || bytes[at] == '}' ? 1 : 0;
            continue;
        }
        const std::size_t end = bytes.find('}', at);
        const std::string field =
            end == std::string::npos ? "!" : bytes.substr(at + 1, end - at - 1);
        const bool digits = std::all_of(field.begin(), field.end(), is_digit) && field.size() < 5;
        const std::size_t place = field.empty() ? next++
                                  : digits      ? std::stoul(field)
                                                : given.positional.size();
        const Value* value = given.find(place, field);
        if (bytes[at] == '}' || value == nullptr) {
            throw TemplateError(given.line,
                                "format() with the field '" + field + "' is not supported");
        }
        out.append(to_text(*value));
        at = end;
    }
    return out;
}

template <bool (*holds)(std::int32_t)>
Value characters_method(const TracedText& text, const Arguments&) {
    const std::string& bytes = text.bytes();
    return !bytes.empty() &&
           std::all_of(bytes.begin(), bytes.end(), [](char c) { return holds(c); });
}

const std::map<std::string, TextMethod>& text_methods() {
    static const std::map<std::string, TextMethod> methods = {
        {"strip", strip_method<Side::both>},
        {"lstrip", strip_method<Side::left>},
        {"rstrip", strip_method<Side::right>},
        {"upper", case_method<Case::upper>},
        {"lower", case_method<Case::lower>},
        {"title", case_method<Case::title>},
        {"capitalize", case_method<Case::capital>},
        {"split", split_method<false>},
        {"rsplit", split_method<true>},
        {"splitlines",
         [](const TracedText& text, const Arguments&) { return Value(split_lines(text)); }},
        {"startswith", edge_method<true>},
        {"endswith", edge_method<false>},
        {"replace", replace_method},
        {"find", find_method},
        {"count", count_method},
        {"format", format_method},
        {"join", join_method},
        {"isdigit", characters_method<is_digit>}};
    return methods;
}

std::optional<Value> dict_method(const Dict& dict, const std::string& name,
                                 const Arguments& given) {
    List all;
    if (name == "get") {
        const Value* key = given.find(0);
        const Value* found = key != nullptr ? dict.find(*key) : nullptr;
        if (found != nullptr) return *found;
        const Value* otherwise = given.find(1);
        return otherwise != nullptr ? *otherwise : Value(None{});
    }
    if (name != "items" && name != "keys" && name != "values") return std::nullopt;
    for (const auto& [key, value] : dict.entries()) {
        if (name == "items")
            all.emplace_back(List{key, value});
        else
            all.push_back(name == "keys" ? key : value);
    }
    return Value(all);
}

std::optional<Value> list_method(const List& list, const std::string& name,
                                 const Arguments& given) {
    const Value* wanted = given.find(0);
    if (wanted == nullptr || (name != "index" && name != "count")) return std::nullopt;
    const auto same = [wanted](const Value& item) { return equal(item, *wanted); };
    if (name == "count")
        return Value(static_cast<std::int64_t>(std::count_if(list.begin(), list.end(), same)));
    const auto at = std::find_if(list.begin(), list.end(), same);
    if (at == list.end()) throw TemplateError(given.line, "index() of what is not in the list");
    return Value(static_cast<std::int64_t>(at - list.begin()));
}

}  // namespace

Value call_method(const Value& object, const std::string& name, const Arguments& given) {
    if (object.undefined()) {
        throw TemplateError(given.line,
                            "'" + name + "()' of something that is " + type_name(object));
    }
    if (const TracedText* text = object.text()) {
        const auto method = text_methods().find(name);
        if (method != text_methods().end()) return method->second(*text, given);
    }
    std::optional<Value> result;
    if (object.dict() != nullptr) result = dict_method(*object.dict(), name, given);
    if (object.list() != nullptr) result = list_method(*object.list(), name, given);
    if (result) return *result;
    throw TemplateError(
        given.line, "the method '" + name + "()' of " + type_name(object) + " is not supported");
}

}  // namespace alluvium::jinja
