#pragma once
// The values of a template, with the meaning that Jinja gives them: Python's.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/tokenizer/chat_template/traced_text.h"

namespace alluvium::jinja {

class Value;
using List = std::vector<Value>;

struct Undefined {
    std::string name;  // for errors
};
struct None {};

class Dict;

struct Arguments {
    List positional;
    std::vector<std::pair<std::string, Value>> named;
    int line = 0;

    // The argument at place `at` or of this name; null where it was not given.
    const Value* find(std::size_t at, std::string_view name = {}) const;
};

using Callable = std::function<Value(const Arguments&)>;

class Value {
  public:
    using Kinds =
        std::variant<Undefined, None, bool, std::int64_t, double, TracedText, std::shared_ptr<List>,
                     std::shared_ptr<Dict>, std::shared_ptr<const Callable>>;

    Value() : kinds_(Undefined{}) {}
    template <typename T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Value> && std::is_constructible_v<Kinds, T>)
        Value(T&& value)
        : kinds_(std::forward<T>(value)) {}
    Value(const char* text) : kinds_(TracedText(text)) {}
    Value(List list) : kinds_(std::make_shared<List>(std::move(list))) {}
    Value(Dict dict);
    Value(Callable call) : kinds_(std::make_shared<const Callable>(std::move(call))) {}

    template <typename T>
    bool is() const {
        return std::holds_alternative<T>(kinds_);
    }
    template <typename T>
    const T* get() const {
        return std::get_if<T>(&kinds_);
    }
    const TracedText* text() const { return get<TracedText>(); }
    const List* list() const;
    const Dict* dict() const;
    Dict* names() const;  // of a namespace(); null for everything else
    const Callable* call() const;
    bool undefined() const { return is<Undefined>(); }
    std::optional<std::int64_t> integer() const;  // true is 1, as in Python
    std::optional<double> number() const;

    const Kinds& kinds() const { return kinds_; }

  private:
    Kinds kinds_;
};

// In the order of insertion.
class Dict {
  public:
    const Value* find(const Value& key) const;
    void set(const Value& key, Value value);
    const std::vector<std::pair<Value, Value>>& entries() const { return entries_; }
    bool names = false;  // a namespace(): {% set x.name = ... %} can change it

  private:
    std::vector<std::pair<Value, Value>> entries_;
};

bool truth(const Value& value);
bool equal(const Value& a, const Value& b);
// Negative, 0 or positive; nothing where Python cannot tell.
std::optional<int> order(const Value& a, const Value& b);

std::string type_name(const Value& value);  // "a list", for errors
TracedText to_text(const Value& value);     // str()
// json.dumps(value, ensure_ascii=False, indent=indent); `line` is named where a value has no JSON.
TracedText to_json(const Value& value, std::optional<std::int64_t> indent, int line);

// Of a string, list or dict; nothing for other kinds.
std::optional<std::int64_t> length(const Value& value);
// What {% for %} goes through: items, characters, keys. TemplateError for other kinds.
List items_of(const Value& value, int line);

}  // namespace alluvium::jinja
