#include "model/tokenizer/chat_template/operators.h"

#include <algorithm>
#include <cmath>

#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

constexpr std::size_t kMostItems = 1 << 20;  // that an operator makes

[[noreturn]] void refuse_kinds(std::string_view sign, const Value& a, const Value& b, int line) {
    throw TemplateError(
        line, "'" + std::string(sign) + "' between " + type_name(a) + " and " + type_name(b));
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

Value whole_numbers(std::string_view sign, std::int64_t a, std::int64_t b, int line) {
    std::int64_t result = 0;
    bool overflow = false;
    if (sign == "+")
        overflow = __builtin_add_overflow(a, b, &result);
    else if (sign == "-")
        overflow = __builtin_sub_overflow(a, b, &result);
    else if (sign == "*")
        overflow = __builtin_mul_overflow(a, b, &result);
    else if (b == -1)
        overflow = __builtin_mul_overflow(a, sign == "//" ? -1 : 0, &result);
    else
        result = sign == "//" ? floor_divide(a, b) : a - floor_divide(a, b) * b;
    if (overflow) throw TemplateError(line, "a number beyond 64 bits");
    return result;
}

Value numbers(std::string_view sign, const Value& a, const Value& b, int line) {
    const double x = *a.number(), y = *b.number();
    const bool whole = a.integer() && b.integer();
    const bool divides = sign == "/" || sign == "//" || sign == "%";
    if (divides && y == 0) throw TemplateError(line, "a division by zero");
    if (sign == "/") return x / y;
    if (sign == "**") {
        const double power = std::pow(x, y);
        // Doubles hold whole numbers exactly up to 2^53.
        if (whole && y >= 0 && std::abs(power) < 9e15) return static_cast<std::int64_t>(power);
        return power;
    }
    if (whole) return whole_numbers(sign, *a.integer(), *b.integer(), line);
    if (sign == "+") return x + y;
    if (sign == "-") return x - y;
    if (sign == "*") return x * y;
    return sign == "//" ? std::floor(x / y) : x - std::floor(x / y) * y;
}

Value repeated(const Value& what, std::int64_t times, int line) {
    const std::size_t count = times > 0 ? static_cast<std::size_t>(times) : 0;
    const std::size_t size = what.text() != nullptr ? what.text()->size() : what.list()->size();
    if (size > 0 && count > kMostItems / size) throw TemplateError(line, "'*' makes too much");
    TracedText text;
    List list;
    for (std::size_t i = 0; i < count; ++i) {
        if (what.text() != nullptr)
            text.append(*what.text());
        else
            list.insert(list.end(), what.list()->begin(), what.list()->end());
    }
    return what.text() != nullptr ? Value(text) : Value(list);
}

bool contains(const Value& whole, const Value& part, int line) {
    if (whole.text() != nullptr && part.text() != nullptr) {
        return whole.text()->bytes().find(part.text()->bytes()) != std::string::npos;
    }
    if (const List* list = whole.list()) {
        return std::any_of(list->begin(), list->end(),
                           [&](const Value& v) { return equal(v, part); });
    }
    if (const Dict* dict = whole.dict()) {
        return dict->find(part) != nullptr;
    }
    if (whole.undefined()) return false;
    refuse_kinds("in", part, whole, line);
}

// A bound of a slice in Python's way: from the end where negative, and cut to what is there.
std::int64_t bound(const Value* given, std::int64_t otherwise, std::int64_t size, bool backwards,
                   int line) {
    if (given == nullptr || given->is<None>()) return otherwise;
    const auto at = given->integer();
    if (!at) throw TemplateError(line, "a slice from or to " + type_name(*given));
    const std::int64_t low = backwards ? -1 : 0;
    return std::clamp(*at < 0 ? *at + size : *at, low, backwards ? size - 1 : size);
}

}  // namespace

Value calculate(std::string_view sign, const Value& a, const Value& b, int line) {
    if (sign == "~" || (sign == "+" && a.text() != nullptr && b.text() != nullptr)) {
        TracedText text = to_text(a);
        text.append(to_text(b));
        return text;
    }
    if (a.number() && b.number()) return numbers(sign, a, b, line);
    if (sign == "+" && a.list() != nullptr && b.list() != nullptr) {
        if (a.list()->size() + b.list()->size() > kMostItems) {
            throw TemplateError(line, "'+' makes too long a list");
        }
        List list = *a.list();
        list.insert(list.end(), b.list()->begin(), b.list()->end());
        return list;
    }
    const auto can_repeat = [](const Value& v) {
        return v.text() != nullptr || v.list() != nullptr;
    };
    if (sign == "*" && can_repeat(a) && b.integer()) return repeated(a, *b.integer(), line);
    if (sign == "*" && can_repeat(b) && a.integer()) return repeated(b, *a.integer(), line);
    refuse_kinds(sign, a, b, line);
}

bool compare(std::string_view sign, const Value& a, const Value& b, int line) {
    if (sign == "==") return equal(a, b);
    if (sign == "!=") return !equal(a, b);
    if (sign == "in") return contains(b, a, line);
    if (sign == "not in") return !contains(b, a, line);
    const auto known = order(a, b);
    if (!known) refuse_kinds(sign, a, b, line);
    if (sign == "<") return *known < 0;
    if (sign == "<=") return *known <= 0;
    return sign == ">" ? *known > 0 : *known >= 0;
}

Value member(const Value& object, const Value& key, int line) {
    const std::string word = to_text(key).bytes();
    if (object.undefined()) {
        throw TemplateError(line, "'" + word + "' of something that is " + type_name(object));
    }
    if (object.dict() != nullptr) {
        const Value* found = object.dict()->find(key);
        if (found != nullptr) return *found;
    } else if (key.integer() && (object.list() != nullptr || object.text() != nullptr)) {
        const std::int64_t size = *length(object);
        const std::int64_t at = *key.integer() < 0 ? *key.integer() + size : *key.integer();
        if (at >= 0 && at < size) return items_of(object, line)[static_cast<std::size_t>(at)];
    }
    return Undefined{word};
}

Value slice(const Value& object, const Value* begin, const Value* end, const Value* step,
            int line) {
    if (object.list() == nullptr && object.text() == nullptr) {
        throw TemplateError(line, "a slice of " + type_name(object));
    }
    const bool has_step = step != nullptr && !step->is<None>();
    const std::int64_t stride = has_step ? step->integer().value_or(0) : 1;
    if (stride == 0) throw TemplateError(line, "a slice whose step is no number or zero");
    const List items = items_of(object, line);
    const auto size = static_cast<std::int64_t>(items.size());
    const bool backwards = stride < 0;
    const std::int64_t to = bound(end, backwards ? -1 : size, size, backwards, line);
    List list;
    for (std::int64_t i = bound(begin, backwards ? size - 1 : 0, size, backwards, line);
         backwards ? i > to : i < to; i += std::clamp<std::int64_t>(stride, -size - 1, size + 1)) {
        list.push_back(items[static_cast<std::size_t>(i)]);
    }
    if (object.list() != nullptr) return list;
    TracedText text;
    for (const Value& character : list) text.append(*character.text());
    return text;
}

}  // namespace alluvium::jinja
