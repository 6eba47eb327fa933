#include <limits>

#include "base/error.h"
#include "base/json.h"
#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

// All ones is how a trace writes that there is no token.
constexpr std::uint64_t kLargestId = std::numeric_limits<std::uint32_t>::max() - 1;

class JsonlReader {
  public:
    explicit JsonlReader(const std::string& path) : file_(path) {}

    std::vector<NumberedPrompt> read() const {
        std::vector<NumberedPrompt> prompts;
        for (const TextLine& line : file_.lines()) {
            if (line.text.find_first_not_of(" \t") == std::string_view::npos) continue;
            prompts.push_back({line.number, read_prompt(line)});
        }
        return prompts;
    }

  private:
    Prompt read_prompt(const TextLine& line) const {
        const Json object = Json::parse(line.text, nullptr, false);
        if (!object.is_object()) file_.fail(line, "no JSON object", "write one {...} a line");
        Prompt prompt;
        for (const auto& [key, value] : object.items()) set_key(prompt, key, value, line);
        if (prompt.text.empty() == prompt.ids.empty()) {
            file_.fail(line,
                       prompt.ids.empty() ? "neither 'text' nor 'ids'" : "both 'text' and 'ids'",
                       "give a prompt either as \"text\" or as token \"ids\"");
        }
        return prompt;
    }

    void set_key(Prompt& prompt, const std::string& key, const Json& value,
                 const TextLine& line) const {
        if (value.is_null()) return;
        if (key == "ids") {
            prompt.ids = read_ids(value, line);
        } else if (key == "text") {
            if (!value.is_string()) file_.fail(line, "'text' is no string");
            prompt.text = to_text(key, value, line);
        } else if (key == "language") {
            prompt.language = to_text(key, value, line);
        } else if (key == "id") {
            prompt.id = to_text(key, value, line);
        } else if (key == "group") {
            prompt.group = to_text(key, value, line);
        } else if (key == "domain") {
            prompt.domain = to_text(key, value, line);
        } else {
            prompt.extra[key] = to_text(key, value, line);
        }
    }

    std::vector<std::uint32_t> read_ids(const Json& value, const TextLine& line) const {
        std::vector<std::uint32_t> ids;
        const bool usable = value.is_array() && !value.empty();
        if (!usable) file_.fail(line, "'ids' is no list of token ids");
        for (const Json& id : value) {
            if (!id.is_number_unsigned() || id.get<std::uint64_t>() > kLargestId) {
                file_.fail(line, "'ids' holds " + id.dump() + ", which is no token id");
            }
            ids.push_back(id.get<std::uint32_t>());
        }
        return ids;
    }

    // Numbers and nested values are kept as they are written.
    std::string to_text(const std::string& key, const Json& value, const TextLine& line) const {
        std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (text.find('\0') != std::string::npos) {
            file_.fail(line, "'" + key + "' holds a NUL character, which no trace can store");
        }
        return text;
    }

    TextLines file_;
};

}  // namespace

std::vector<NumberedPrompt> read_jsonl_prompts(const std::string& path) {
    return JsonlReader(path).read();
}

}  // namespace alluvium
