// The filter tojson as chat templates have it: json.dumps without escaping what is not ASCII.
#include <cstdio>

#include "model/tokenizer/chat_template/template_error.h"
#include "model/tokenizer/chat_template/value.h"

namespace alluvium::jinja {
namespace {

class JsonWriter {
  public:
    JsonWriter(std::optional<std::int64_t> indent, int line) : indent_(indent), line_(line) {}

    void write(const Value& value) {
        if (const TracedText* text = value.text()) {
            write_string(*text);
        } else if (const List* list = value.list()) {
            write_items('[', ']', list->size(), [&](std::size_t i) { write((*list)[i]); });
        } else if (const Dict* dict = value.dict()) {
            write_items('{', '}', dict->entries().size(), [&](std::size_t i) {
                write_key(dict->entries()[i].first);
                put(": ");
                write(dict->entries()[i].second);
            });
        } else if (value.is<None>()) {
            put("null");
        } else if (const auto* truth = value.get<bool>()) {
            put(*truth ? "true" : "false");
        } else if (value.number()) {
            out_.append(to_text(value));
        } else {
            throw TemplateError(line_, "tojson: " + type_name(value) + " has no JSON");
        }
    }
    TracedText take() { return std::move(out_); }

  private:
    void put(std::string_view text) { out_.append(text, TracedText::kTemplate); }

    void new_line() { put("\n" + std::string(static_cast<std::size_t>(*indent_ * depth_), ' ')); }

    template <typename WriteItem>
    void write_items(char open, char close, std::size_t count, WriteItem write_item) {
        put({&open, 1});
        ++depth_;
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) put(indent_ ? "," : ", ");
            if (indent_) new_line();
            write_item(i);
        }
        --depth_;
        if (indent_ && count > 0) new_line();
        put({&close, 1});
    }

    // What is no string becomes one.
    void write_key(const Value& key) {
        if (key.text() != nullptr) {
            write_string(*key.text());
            return;
        }
        put("\"");
        write(key);
        put("\"");
    }

    void write_string(const TracedText& text) {
        put("\"");
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text.bytes()[i];
            out_.append(escaped(c), text.origin(i));
        }
        put("\"");
    }

    static std::string escaped(char c) {
        switch (c) {
            case '"':
                return "\\\"";
            case '\\':
                return "\\\\";
            case '\n':
                return "\\n";
            case '\r':
                return "\\r";
            case '\t':
                return "\\t";
            case '\b':
                return "\\b";
            case '\f':
                return "\\f";
            default:
                break;
        }
        if (static_cast<unsigned char>(c) >= 0x20) return {c};
        char code[8];
        std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
        return code;
    }

    std::optional<std::int64_t> indent_;
    int line_;
    std::int64_t depth_ = 0;
    TracedText out_;
};

}  // namespace

TracedText to_json(const Value& value, std::optional<std::int64_t> indent, int line) {
    JsonWriter writer(indent, line);
    writer.write(value);
    return writer.take();
}

}  // namespace alluvium::jinja
