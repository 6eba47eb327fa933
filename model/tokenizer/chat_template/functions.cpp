// The functions of a template, beside its own macros.
#include <array>

#include "model/tokenizer/chat_template/builtins.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

constexpr std::int64_t kLongestRange = 100'000;  // as Jinja's sandbox has it

Value range(const Arguments& given) {
    std::array<std::int64_t, 3> of = {0, 0, 1};
    const std::size_t count = given.positional.size();
    if (count < 1 || count > 3)
        throw TemplateError(given.line, "range() takes one to three numbers");
    for (std::size_t i = 0; i < count; ++i) {
        const auto number = given.positional[i].integer();
        if (!number)
            throw TemplateError(given.line, "range() of " + type_name(given.positional[i]));
        of[count == 1 ? 1 : i] = *number;
    }
    const auto [begin, end, step] = of;
    if (step == 0) throw TemplateError(given.line, "range() with a step of 0");
    List list;
    for (std::int64_t i = begin; step > 0 ? i < end : i > end;) {
        list.emplace_back(i);
        if (list.size() > kLongestRange) throw TemplateError(given.line, "range() is too long");
        if (__builtin_add_overflow(i, step, &i)) break;
    }
    return list;
}

Dict named_values(const Arguments& given) {
    Dict dict;
    for (const Value& base : given.positional) {
        if (base.dict() == nullptr)
            throw TemplateError(given.line, "dict() or namespace() of " + type_name(base));
        for (const auto& [key, value] : base.dict()->entries()) dict.set(key, value);
    }
    for (const auto& [key, value] : given.named) dict.set(TracedText(key), value);
    return dict;
}

Value make_namespace(const Arguments& given) {
    Dict dict = named_values(given);
    dict.names = true;
    return dict;
}

Value raise_exception(const Arguments& given) {
    const Value* message = given.find(0);
    throw TemplateError(given.line,
                        "the template refuses these messages: " +
                            (message != nullptr ? to_text(*message).bytes() : "no reason given"));
}

Value formatted_date(const std::tm& date, const Arguments& given) {
    const Value* format = given.find(0);
    if (format == nullptr || format->text() == nullptr) {
        throw TemplateError(given.line, "strftime_now() without its format");
    }
    std::array<char, 256> text{};
    // The C locale, as the program never sets another for dates.
    const std::size_t size =
        std::strftime(text.data(), text.size(), format->text()->bytes().c_str(), &date);
    return TracedText(std::string(text.data(), size));
}

}  // namespace

void add_functions(Scope& scope, const std::optional<std::tm>& date) {
    scope.set("range", Callable(range));
    scope.set("dict", Callable([](const Arguments& given) { return Value(named_values(given)); }));
    scope.set("namespace", Callable(make_namespace));
    scope.set("raise_exception", Callable(raise_exception));
    if (!date) return;
    scope.set("strftime_now",
              Callable([date](const Arguments& given) { return formatted_date(*date, given); }));
}

}  // namespace alluvium::jinja
