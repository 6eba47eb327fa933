#include "model/tokenizer/chat_template/chat_template.h"

#include <stdexcept>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/tokenizer/chat_template/builtins.h"
#include "model/tokenizer/chat_template/syntax.h"
#include "model/tokenizer/chat_template/template_error.h"

namespace alluvium {
namespace {

constexpr const char* kWithout = "--template none gives the prompts as they are";
constexpr std::size_t kLongestTemplate = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::string& source, const jinja::TemplateError& e) {
    const bool asks_date = std::string_view(e.what()).starts_with("strftime_now");
    throw UserError(source + ": line " + std::to_string(e.line()) + ": " + e.what(),
                    asks_date ? "--template-date YYYY-MM-DD fixes one" : kWithout);
}

jinja::Body parsed(const std::string& text, const std::string& source) {
    if (text.size() > kLongestTemplate || first_invalid_utf8(text)) {
        throw UserError(source + ": longer than 1 MiB, or not UTF-8", kWithout);
    }
    try {
        return jinja::parse_template(text);
    } catch (const jinja::TemplateError& e) {
        refuse(source, e);
    }
}

jinja::Value message_list(std::span<const ChatMessage> messages) {
    jinja::List list;
    std::size_t first = 0;
    for (const ChatMessage& message : messages) {
        jinja::Dict dict;
        dict.set("role", jinja::TracedText(message.role));
        dict.set("content",
                 jinja::TracedText::of_user(message.content, static_cast<std::uint32_t>(first)));
        first += message.content.size();
        list.emplace_back(std::move(dict));
    }
    return list;
}

Json json_of(const std::filesystem::path& path) {
    return std::filesystem::exists(path) ? read_json(path) : Json::object();
}

// "<s>" or {"content": "<s>", ...}
std::optional<std::string> token_text(const Json& token) {
    if (token.is_string()) return token.get<std::string>();
    if (token.is_object() && token.contains("content") && token["content"].is_string()) {
        return token["content"].get<std::string>();
    }
    return std::nullopt;
}

std::map<std::string, std::string> special_tokens_of(const Json& map, const Json& config) {
    std::map<std::string, std::string> tokens;
    for (const Json* from : {&map, &config}) {
        if (!from->is_object()) continue;
        for (const auto& [key, value] : from->items()) {
            const auto text = token_text(value);
            if (key.ends_with("_token") && text) tokens[key] = *text;
        }
    }
    return tokens;
}

// The template itself, or the default one of a list of named ones.
std::optional<std::string> template_in(const Json& config) {
    if (!config.is_object() || !config.contains("chat_template")) return std::nullopt;
    const Json& held = config["chat_template"];
    if (held.is_string()) return held.get<std::string>();
    if (!held.is_array()) return std::nullopt;
    for (const Json& entry : held) {
        if (entry.is_object() && entry.value("name", Json()) == "default" &&
            entry.value("template", Json()).is_string()) {
            return entry["template"].get<std::string>();
        }
    }
    return std::nullopt;
}

std::tm date_of(const std::string& text) {
    std::tm date{};
    const char* end = strptime(text.c_str(), "%Y-%m-%d", &date);
    if (end == nullptr || *end != '\0') {
        throw UserError("--template-date: '" + text + "' is no date", "for example 2025-01-31");
    }
    return date;
}

}  // namespace

struct ChatTemplate::Impl {
    jinja::Body body;
    std::string source;
    std::map<std::string, std::string> special_tokens;
};

ChatTemplate::ChatTemplate(const std::string& text, std::string source,
                           std::map<std::string, std::string> special_tokens) {
    jinja::Body body = parsed(text, source);
    impl_ =
        std::make_unique<Impl>(Impl{std::move(body), std::move(source), std::move(special_tokens)});
}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

ChatTemplate ChatTemplate::read(const std::filesystem::path& folder) {
    const Json config = json_of(folder / "tokenizer_config.json");
    const auto tokens = special_tokens_of(json_of(folder / "special_tokens_map.json"), config);
    const auto named = [&](const char* file) {
        return "'" + (folder / file).string() + "': chat template";
    };
    if (std::filesystem::exists(folder / "chat_template.jinja")) {
        return {read_file(folder / "chat_template.jinja"), named("chat_template.jinja"), tokens};
    }
    if (const auto text = template_in(config))
        return {*text, named("tokenizer_config.json"), tokens};
    if (const auto text = template_in(json_of(folder / "chat_template.json"))) {
        return {*text, named("chat_template.json"), tokens};
    }
    throw UserError(
        "'" + folder.string() +
            "' has no chat template: no chat_template.jinja, and none in tokenizer_config.json",
        std::string("copy the file from the model's page; ") + kWithout);
}

RenderedChat ChatTemplate::render(std::span<const ChatMessage> messages,
                                  const RenderOptions& options) const {
    jinja::Budget budget;
    jinja::Scope ready(budget);
    jinja::add_functions(ready, options.date);
    for (const auto& [name, token] : impl_->special_tokens)
        ready.set(name, jinja::TracedText(token));
    ready.set("messages", message_list(messages));
    ready.set("tools", jinja::None{});
    ready.set("documents", jinja::None{});
    ready.set("add_generation_prompt", options.add_generation_prompt);
    jinja::Scope scope(&ready);
    jinja::TracedText out;
    try {
        jinja::run_body(impl_->body, scope, out);
    } catch (const jinja::TemplateError& e) {
        refuse(impl_->source, e);
    } catch (const std::length_error& e) {
        throw UserError(impl_->source + ": " + e.what(), kWithout);
    }
    RenderedChat result{out.bytes(), {}};
    result.origin.reserve(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) result.origin.push_back(out.origin(i));
    return result;
}

ChatEncoder::ChatEncoder(const std::filesystem::path& folder, const ChatFrame& frame)
    : template_(ChatTemplate::read(folder)), system_(frame.system) {
    if (frame.date) options_.date = date_of(*frame.date);
}

Encoding ChatEncoder::encode(const Tokenizer& tokenizer, const std::string& text) const {
    std::vector<ChatMessage> messages;
    if (!system_.empty()) messages.push_back({"system", system_});
    messages.push_back({"user", text});
    if (const auto invalid = first_invalid_utf8(text)) {
        throw UserError("the text is not UTF-8 at byte " + std::to_string(*invalid),
                        "convert it to UTF-8");
    }
    const RenderedChat chat = template_.render(messages, options_);
    Encoding encoding = tokenizer.encode(chat.text, AddBos::no);
    for (std::size_t i = 0; i < encoding.size(); ++i) {
        std::size_t begin = text.size(), end = 0;
        for (std::uint32_t byte = encoding.begin[i]; byte < encoding.end[i]; ++byte) {
            if (chat.origin[byte] == RenderedChat::kTemplate || chat.origin[byte] < system_.size())
                continue;
            const std::size_t at = chat.origin[byte] - system_.size();
            begin = std::min(begin, at);
            end = std::max(end, at + 1);
        }
        encoding.special[i] = begin < end ? 0 : 1;
        // A letter whose case has changed is known by its first byte.
        while (end > 0 && end < text.size() && (text[end] & 0xc0) == 0x80) ++end;
        encoding.begin[i] = begin < end ? static_cast<std::uint32_t>(begin) : 0;
        encoding.end[i] = static_cast<std::uint32_t>(end);
    }
    return encoding;
}

}  // namespace alluvium
