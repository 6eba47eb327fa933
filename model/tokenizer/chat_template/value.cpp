#include "model/tokenizer/chat_template/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium::jinja {
namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
// Not every clang deduces it from the members.
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

// repr() of a float: the shortest digits that give the number back, never without a point or
// exponent.
std::string float_text(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    std::array<char, 64> buffer{};
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    std::string text(buffer.data(), end.ptr);
    if (plain && text.find('.') == std::string::npos) text += ".0";
    return text;
}

TracedText joined(const TracedText& open, const std::vector<TracedText>& parts, const char* close) {
    TracedText text = open;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text.append(TracedText(", "));
        text.append(parts[i]);
    }
    text.append(TracedText(close));
    return text;
}

TracedText repr(const Value& value) {
    if (const TracedText* text = value.text()) {
        const bool apostrophe = text->bytes().find('\'') != std::string::npos;
        const bool quote = text->bytes().find('"') != std::string::npos;
        const std::string mark = apostrophe && !quote ? "\"" : "'";
        TracedText out(mark);
        for (std::size_t i = 0; i < text->size(); ++i) {
            const char c = text->bytes()[i];
            const std::uint32_t from = text->origin(i);
            if (c == '\n')
                out.append("\\n", from);
            else if (c == '\r')
                out.append("\\r", from);
            else if (c == '\t')
                out.append("\\t", from);
            else if (c == '\\' || c == mark[0])
                out.append(std::string{'\\', c}, from);
            else
                out.append(std::string_view(&c, 1), from);
        }
        out.append(TracedText(mark));
        return out;
    }
    return to_text(value);
}

}  // namespace

Value::Value(Dict dict) : kinds_(std::make_shared<Dict>(std::move(dict))) {}

const Value* Dict::find(const Value& key) const {
    for (const auto& [name, value] : entries_) {
        if (equal(name, key)) return &value;
    }
    return nullptr;
}

void Dict::set(const Value& key, Value value) {
    for (auto& [name, held] : entries_) {
        if (equal(name, key)) {
            held = std::move(value);
            return;
        }
    }
    entries_.emplace_back(key, std::move(value));
}

const Value* Arguments::find(std::size_t at, std::string_view name) const {
    if (at < positional.size()) return &positional[at];
    for (const auto& [given, value] : named) {
        if (given == name) return &value;
    }
    return nullptr;
}

const List* Value::list() const {
    const auto* held = get<std::shared_ptr<List>>();
    return held != nullptr ? held->get() : nullptr;
}
const Dict* Value::dict() const {
    const auto* held = get<std::shared_ptr<Dict>>();
    return held != nullptr ? held->get() : nullptr;
}
Dict* Value::names() const {
    const auto* held = get<std::shared_ptr<Dict>>();
    return held != nullptr && (*held)->names ? held->get() : nullptr;
}
const Callable* Value::call() const {
    const auto* held = get<std::shared_ptr<const Callable>>();
    return held != nullptr ? held->get() : nullptr;
}

std::optional<std::int64_t> Value::integer() const {
    if (const auto* held = get<bool>()) return *held ? 1 : 0;
    if (const auto* held = get<std::int64_t>()) return *held;
    return std::nullopt;
}
std::optional<double> Value::number() const {
    if (const auto* held = get<double>()) return *held;
    if (const auto held = integer()) return static_cast<double>(*held);
    return std::nullopt;
}

bool truth(const Value& value) {
    if (const auto size = length(value)) return *size > 0;
    if (const auto number = value.number()) return *number != 0;
    return value.call() != nullptr;
}

bool equal(const Value& a, const Value& b) {
    if (a.text() != nullptr && b.text() != nullptr) return a.text()->bytes() == b.text()->bytes();
    if (a.number() && b.number()) return *a.number() == *b.number();
    if (a.list() != nullptr && b.list() != nullptr) {
        return std::equal(a.list()->begin(), a.list()->end(), b.list()->begin(), b.list()->end(),
                          equal);
    }
    if (a.dict() != nullptr && b.dict() != nullptr) {
        const auto& entries = a.dict()->entries();
        return entries.size() == b.dict()->entries().size() &&
               std::all_of(entries.begin(), entries.end(), [&](const auto& entry) {
                   const Value* other = b.dict()->find(entry.first);
                   return other != nullptr && equal(entry.second, *other);
               });
    }
    return (a.is<None>() && b.is<None>()) || (a.undefined() && b.undefined());
}

std::optional<int> order(const Value& a, const Value& b) {
    if (a.text() != nullptr && b.text() != nullptr) {
        return a.text()->bytes().compare(b.text()->bytes());  // UTF-8 sorts as code points do
    }
    if (a.number() && b.number()) {
        return (*a.number() > *b.number()) - (*a.number() < *b.number());
    }
    return std::nullopt;
}

std::string type_name(const Value& value) {
    return std::visit(
        Overloaded{
            [](const Undefined& u) {
                return u.name.empty() ? "undefined" : "undefined ('" + u.name + "')";
            },
            [](None) { return std::string("none"); }, [](bool) { return std::string("a boolean"); },
            [](std::int64_t) { return std::string("an integer"); },
            [](double) { return std::string("a number"); },
            [](const TracedText&) { return std::string("a string"); },
            [](const std::shared_ptr<List>&) { return std::string("a list"); },
            [](const std::shared_ptr<Dict>&) { return std::string("a dictionary"); },
            [](const std::shared_ptr<const Callable>&) { return std::string("a function"); }},
        value.kinds());
}

TracedText to_text(const Value& value) {
    if (const TracedText* text = value.text()) return *text;
    if (value.undefined()) return {};
    if (value.is<None>()) return TracedText("None");
    if (const auto* truth = value.get<bool>()) return TracedText(*truth ? "True" : "False");
    if (const auto* integer = value.get<std::int64_t>())
        return TracedText(std::to_string(*integer));
    if (const auto* number = value.get<double>()) return TracedText(float_text(*number));
    std::vector<TracedText> parts;
    if (const List* list = value.list()) {
        for (const Value& item : *list) parts.push_back(repr(item));
        return joined(TracedText("["), parts, "]");
    }
    if (const Dict* dict = value.dict()) {
        for (const auto& [key, item] : dict->entries()) {
            parts.push_back(repr(key));
            parts.back().append(TracedText(": "));
            parts.back().append(repr(item));
        }
        return joined(TracedText("{"), parts, "}");
    }
    return TracedText("<function>");
}

std::optional<std::int64_t> length(const Value& value) {
    if (const TracedText* text = value.text()) {
        return static_cast<std::int64_t>(character_starts(*text).size()) - 1;
    }
    if (const List* list = value.list()) return static_cast<std::int64_t>(list->size());
    if (const Dict* dict = value.dict()) return static_cast<std::int64_t>(dict->entries().size());
    return std::nullopt;
}

List items_of(const Value& value, int line) {
    if (const List* list = value.list()) return *list;
    List items;
    if (const Dict* dict = value.dict()) {
        for (const auto& [key, item] : dict->entries()) items.push_back(key);
    } else if (const TracedText* text = value.text()) {
        const auto starts = character_starts(*text);
        for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
            items.emplace_back(text->part(starts[i], starts[i + 1]));
        }
    } else if (!value.undefined()) {
        throw TemplateError(line, type_name(value) + " has no items to go through");
    }
    return items;
}

}  // namespace alluvium::jinja
