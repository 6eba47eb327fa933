// Jinja's filters: what may stand behind "|".
#include <algorithm>
#include <cmath>
#include <map>

#include "model/tokenizer/chat_template/builtins.h"
#include "model/tokenizer/chat_template/operators.h"
#include "model/tokenizer/chat_template/strings.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

using FilterFunction = Value (*)(const Value&, const Arguments&);

const Value& required(const Arguments& given, std::size_t at, const char* filter) {
    const Value* value = given.find(at);
    if (value == nullptr)
        throw TemplateError(given.line,
                            std::string("the filter '") + filter + "' lacks an argument");
    return *value;
}

bool flag(const Arguments& given, std::size_t at, const char* name) {
    const Value* value = given.find(at, name);
    return value != nullptr && truth(*value);
}

Arguments rest(const Arguments& given, std::size_t from) {
    Arguments others = given;
    const auto count = static_cast<std::ptrdiff_t>(std::min(from, given.positional.size()));
    others.positional.erase(others.positional.begin(), others.positional.begin() + count);
    return others;
}

// Of the filters for which nothing at all is an empty list.
List items_or_none(const Value& value, const Arguments& given) {
    return truth(value) ? items_of(value, given.line) : List();
}

Value length_filter(const Value& value, const Arguments& given) {
    if (value.undefined()) return std::int64_t{0};
    const auto size = length(value);
    if (!size) throw TemplateError(given.line, "the length of " + type_name(value));
    return *size;
}

Value default_filter(const Value& value, const Arguments& given) {
    const Value* otherwise = given.find(0, "default_value");
    if (!value.undefined() && (!flag(given, 1, "boolean") || truth(value))) return value;
    return otherwise != nullptr ? *otherwise : Value("");
}

Value trim_filter(const Value& value, const Arguments& given) {
    const Value* set = given.find(0, "chars");
    return strip(to_text(value), Side::both, set != nullptr ? set->text() : nullptr);
}

template <Case which>
Value case_filter(const Value& value, const Arguments&) {
    return in_case(to_text(value), which);
}

// x.a.b of every item, as attribute='a.b' names it.
Value attribute(const Value& item, const TracedText& path, int line) {
    Value value = item;
    for (const Value& name : split_at(path, ".", std::nullopt, false))
        value = member(value, name, line);
    return value;
}

Value join_filter(const Value& value, const Arguments& given) {
    const Value* between = given.find(0, "d");
    const Value* path = given.find(1, "attribute");
    TracedText out;
    bool first = true;
    for (const Value& item : items_of(value, given.line)) {
        if (!first && between != nullptr) out.append(to_text(*between));
        first = false;
        out.append(to_text(path != nullptr ? attribute(item, to_text(*path), given.line) : item));
    }
    return out;
}

template <bool at_end>
Value edge_filter(const Value& value, const Arguments& given) {
    const List items = items_of(value, given.line);
    if (items.empty()) return Undefined{"an item of an empty list"};
    return at_end ? items.back() : items.front();
}

Value reverse_filter(const Value& value, const Arguments& given) {
    const Value back = std::int64_t{-1};
    return slice(value.text() != nullptr ? value : Value(items_of(value, given.line)), nullptr,
                 nullptr, &back, given.line);
}

Value int_filter(const Value& value, const Arguments& given) {
    const Value* otherwise = given.find(0, "default");
    if (const auto number = value.number(); number && std::abs(*number) < 9e15) {
        return static_cast<std::int64_t>(*number);
    }
    if (const TracedText* text = value.text()) {
        const std::string digits = strip(*text, Side::both).bytes();
        const bool negative = digits.starts_with('-');
        const bool whole = digits.size() > (negative ? 1 : 0) && digits.size() < 18 &&
                           std::all_of(digits.begin() + (negative ? 1 : 0), digits.end(),
                                       [](char c) { return c >= '0' && c <= '9'; });
        if (whole) return std::int64_t{std::stoll(digits)};
    }
    return otherwise != nullptr ? *otherwise : Value(std::int64_t{0});
}

Value replace_filter(const Value& value, const Arguments& given) {
    const Value* most = given.find(2, "count");
    return replace(to_text(value), to_text(required(given, 0, "replace")),
                   to_text(required(given, 1, "replace")),
                   most != nullptr ? most->integer() : std::nullopt);
}

Value json_filter(const Value& value, const Arguments& given) {
    if (flag(given, 0, "ensure_ascii") || given.find(2, "separators") != nullptr ||
        flag(given, 3, "sort_keys")) {
        throw TemplateError(given.line,
                            "tojson with ensure_ascii, separators or sort_keys is not supported");
    }
    const Value* indent = given.find(1, "indent");
    return to_json(value, indent != nullptr ? indent->integer() : std::nullopt, given.line);
}

Value items_filter(const Value& value, const Arguments& given) {
    if (value.undefined()) return List{};
    return call_method(value, "items", Arguments{{}, {}, given.line});
}

bool before(const Value& a, const Value& b, int line) {
    const auto known = order(a, b);
    if (!known) throw TemplateError(line, "sorting " + type_name(a) + " and " + type_name(b));
    return *known < 0;
}

// Strings are sorted without regard to case unless asked, as Jinja does.
Value sort_key(const Value& value, bool with_case) {
    return value.text() != nullptr && !with_case ? Value(in_case(*value.text(), Case::lower))
                                                 : value;
}

Value sort_filter(const Value& value, const Arguments& given) {
    List items = items_of(value, given.line);
    const Value* path = given.find(2, "attribute");
    const bool with_case = flag(given, 1, "case_sensitive");
    const bool backwards = flag(given, 0, "reverse");
    const auto key = [&](const Value& item) {
        return sort_key(path != nullptr ? attribute(item, to_text(*path), given.line) : item,
                        with_case);
    };
    std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
        return backwards ? before(key(b), key(a), given.line) : before(key(a), key(b), given.line);
    });
    return items;
}

Value dictsort_filter(const Value& value, const Arguments& given) {
    List pairs = *items_filter(value, given).list();
    std::stable_sort(pairs.begin(), pairs.end(), [&](const Value& a, const Value& b) {
        return before(sort_key(a.list()->front(), false), sort_key(b.list()->front(), false),
                      given.line);
    });
    return pairs;
}

Value unique_filter(const Value& value, const Arguments& given) {
    List kept;
    for (const Value& item : items_of(value, given.line)) {
        const Value key = sort_key(item, false);
        const bool known = std::any_of(kept.begin(), kept.end(), [&](const Value& other) {
            return equal(sort_key(other, false), key);
        });
        if (!known) kept.push_back(item);
    }
    return kept;
}

Value map_filter(const Value& value, const Arguments& given) {
    List mapped;
    const Value* path = given.find(given.positional.size(), "attribute");
    const Value* otherwise = given.find(given.positional.size(), "default");
    for (const Value& item : items_or_none(value, given)) {
        if (path == nullptr) {
            mapped.push_back(
                apply_filter(to_text(required(given, 0, "map")).bytes(), item, rest(given, 1)));
            continue;
        }
        Value found = attribute(item, to_text(*path), given.line);
        mapped.push_back(found.undefined() && otherwise != nullptr ? *otherwise : std::move(found));
    }
    return mapped;
}

// select, reject: a test of the item; selectattr, rejectattr: of what an attribute names.
template <bool keeps, bool by_attribute>
Value select_filter(const Value& value, const Arguments& given) {
    constexpr std::size_t at = by_attribute ? 1 : 0;
    const Value* test = given.find(at);
    List kept;
    for (const Value& item : items_or_none(value, given)) {
        const Value judged =
            by_attribute ? attribute(item, to_text(required(given, 0, "selectattr")), given.line)
                         : item;
        const bool holds = test != nullptr
                               ? check(to_text(*test).bytes(), judged, rest(given, at + 1))
                               : truth(judged);
        if (holds == keeps) kept.push_back(item);
    }
    return kept;
}

Value indent_filter(const Value& value, const Arguments& given) {
    const Value* width = given.find(0, "width");
    const std::int64_t spaces = width != nullptr ? width->integer().value_or(-1) : 4;
    if (spaces < 0 || spaces > 1000)
        throw TemplateError(given.line, "the filter 'indent' with this width is not supported");
    const bool first = flag(given, 1, "first"), blank = flag(given, 2, "blank");
    const TracedText margin(std::string(static_cast<std::size_t>(spaces), ' '));
    TracedText out;
    const List lines = split_at(to_text(value), "\n", std::nullopt, false);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) out.append(TracedText("\n"));
        if (i == 0 ? first : blank || !lines[i].text()->empty()) out.append(margin);
        out.append(*lines[i].text());
    }
    return out;
}

template <bool largest>
Value extreme_filter(const Value& value, const Arguments& given) {
    const List items = items_of(value, given.line);
    if (items.empty()) return Undefined{"an item of an empty list"};
    const auto less = [&](const Value& a, const Value& b) {
        return before(sort_key(a, false), sort_key(b, false), given.line);
    };
    return largest ? *std::max_element(items.begin(), items.end(), less)
                   : *std::min_element(items.begin(), items.end(), less);
}

Value sum_filter(const Value& value, const Arguments& given) {
    const Value* path = given.find(0, "attribute");
    Value total = std::int64_t{0};
    for (const Value& item : items_of(value, given.line)) {
        total = calculate("+", total,
                          path != nullptr ? attribute(item, to_text(*path), given.line) : item,
                          given.line);
    }
    return total;
}

Value abs_filter(const Value& value, const Arguments& given) {
    return before(value, Value(std::int64_t{0}), given.line)
               ? calculate("*", value, Value(std::int64_t{-1}), given.line)
               : value;
}

const std::map<std::string, FilterFunction>& filter_functions() {
    static const std::map<std::string, FilterFunction> all = {
        {"abs", abs_filter},
        {"capitalize", case_filter<Case::capital>},
        {"count", length_filter},
        {"d", default_filter},
        {"default", default_filter},
        {"dictsort", dictsort_filter},
        {"first", edge_filter<false>},
        {"indent", indent_filter},
        {"int", int_filter},
        {"items", items_filter},
        {"join", join_filter},
        {"last", edge_filter<true>},
        {"length", length_filter},
        {"list",
         [](const Value& v, const Arguments& given) { return Value(items_of(v, given.line)); }},
        {"lower", case_filter<Case::lower>},
        {"map", map_filter},
        {"max", extreme_filter<true>},
        {"min", extreme_filter<false>},
        {"reject", select_filter<false, false>},
        {"rejectattr", select_filter<false, true>},
        {"replace", replace_filter},
        {"reverse", reverse_filter},
        {"safe", [](const Value& v, const Arguments&) { return v; }},
        {"select", select_filter<true, false>},
        {"selectattr", select_filter<true, true>},
        {"sort", sort_filter},
        {"string", [](const Value& v, const Arguments&) { return Value(to_text(v)); }},
        {"sum", sum_filter},
        {"title", case_filter<Case::title>},
        {"tojson", json_filter},
        {"trim", trim_filter},
        {"unique", unique_filter},
        {"upper", case_filter<Case::upper>}};
    return all;
}

}  // namespace

Value apply_filter(const std::string& name, const Value& value, const Arguments& given) {
    const auto found = filter_functions().find(name);
    if (found == filter_functions().end()) {
        throw TemplateError(given.line, "the filter '" + name + "' is not supported");
    }
    return found->second(value, given);
}

}  // namespace alluvium::jinja
