#pragma once
// A checkpoint's chat template: how the messages of a conversation become the text that the model
// was tuned on. Templates are programs in Jinja; this runs the part of the language that published
// templates use, as transformers renders them (trim_blocks, lstrip_blocks), and refuses the rest by
// naming the construct and its line. Nothing outside the messages can be reached from a template.
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/tokenizer/tokenizer.h"

namespace alluvium {

struct ChatMessage {
    std::string role;  // system, user, assistant
    std::string content;
};

struct RenderOptions {
    bool add_generation_prompt = true;  // end where the assistant's answer begins
    std::optional<std::tm> date;        // of strftime_now, which is not there without one
};

struct RenderedChat {
    static constexpr std::uint32_t kTemplate = 0xffffffff;
    std::string text;
    // Of every byte of `text`: where it was in the messages' contents, one behind the other; or
    // kTemplate. A character whose case the template changed keeps its place.
    std::vector<std::uint32_t> origin;
};

class ChatTemplate {
  public:
    // `source` names the template in errors; `special_tokens` are its variables (bos_token, ...).
    // UserError where the template cannot be understood.
    ChatTemplate(const std::string& text, std::string source,
                 std::map<std::string, std::string> special_tokens = {});
    // From chat_template.jinja, tokenizer_config.json or chat_template.json, the first that has
    // one. UserError where none does.
    static ChatTemplate read(const std::filesystem::path& folder);

    ChatTemplate(ChatTemplate&&) noexcept;
    ~ChatTemplate();

    // UserError where the template refuses the messages or asks for what is not supported.
    RenderedChat render(std::span<const ChatMessage> messages, const RenderOptions& options) const;

  private:
    struct Impl;
    std::unique_ptr<const Impl> impl_;
};

// How prompts become conversations.
struct ChatFrame {
    std::string system;               // a message before every prompt; none where empty
    std::optional<std::string> date;  // YYYY-MM-DD, for templates that print today's date
};

// Prompts as a user's message, up to where the assistant's answer begins.
class ChatEncoder {
  public:
    // UserError for a malformed date and for what ChatTemplate::read() says.
    ChatEncoder(const std::filesystem::path& folder, const ChatFrame& frame);

    // Ids of the rendered text as they are, special tokens included. Offsets are bytes of `text`;
    // tokens without a byte of it have `special` 1 and offsets 0.
    Encoding encode(const Tokenizer& tokenizer, const std::string& text) const;

  private:
    ChatTemplate template_;
    std::string system_;
    RenderOptions options_;
};

}  // namespace alluvium
