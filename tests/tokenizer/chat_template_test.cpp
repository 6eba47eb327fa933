#include "model/tokenizer/chat_template/chat_template.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "tests/support/reference_data.h"
#include "tests/tokenizer/tiny_tokenizer.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;

namespace {

using Offsets = std::vector<std::uint32_t>;

std::vector<ChatMessage> messages_of(const Json& list) {
    std::vector<ChatMessage> messages;
    for (const Json& m : list) {
        messages.push_back({m["role"].get<std::string>(), m["content"].get<std::string>()});
    }
    return messages;
}

RenderOptions prompting(bool add) {
    RenderOptions options;
    options.add_generation_prompt = add;
    return options;
}

std::string rendered(const std::string& text, const std::string& content = "hi") {
    const ChatMessage message{"user", content};
    return ChatTemplate(text, "t").render({&message, 1}, {}).text;
}

std::string refusal(const std::string& text) {
    try {
        rendered(text);
    } catch (const UserError& e) {
        return e.what();
    }
    return "not refused";
}

// A folder with a byte-level tokenizer, one token a byte, and this template.
Encoding encoded(const std::string& text, const std::string& prompt,
                 const std::string& system = "") {
    const test::TokenizerFolder folder(test::byte_level_definition({}));
    test::write_text(folder.path() / "chat_template.jinja", text);
    return ChatEncoder(folder.path(), {.system = system, .date = std::nullopt})
        .encode(folder.open(), prompt);
}

}  // namespace

TEST_CASE("chat templates render as transformers renders them", "[golden]") {
    const Json expected =
        read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/tokenizer/chat_templates.json");
    REQUIRE(expected["cases"].size() > 60);
    for (const Json& test : expected["cases"]) {
        INFO("template " << test["template"]);
        const ChatTemplate chat(test["template"].get<std::string>(), "t",
                                {{"bos_token", "<s>"}, {"eos_token", "</s>"}});
        const auto messages =
            messages_of(expected["conversations"][test["messages"].get<std::size_t>()]);
        CHECK(chat.render(messages, prompting(test["prompt"].get<bool>())).text == test["text"]);
    }
}

TEST_CASE("published templates render as transformers renders them", "[golden]") {
    const auto data = test::reference_data();
    if (!data) SKIP("no reference data");
    const Json expected =
        read_json(ALLUVIUM_SOURCE_DIR "/tests/golden/tokenizer/chat_templates.json");
    for (const Json& test : expected["published"]) {
        INFO("file " << test["file"]);
        const Json config = read_json(*data / "tokenizers" / test["file"].get<std::string>());
        const ChatTemplate chat(config["chat_template"].get<std::string>(), "t",
                                {{"eos_token", "</s>"}});
        const auto messages =
            messages_of(expected["conversations"][test["messages"].get<std::size_t>()]);
        CHECK(chat.render(messages, prompting(test["prompt"].get<bool>())).text == test["text"]);
    }
}

TEST_CASE("what a template asks for that is not supported is named with its line") {
    CHECK_THAT(refusal("a\n{% include 'x' %}"),
               ContainsSubstring("line 2: the statement {% include %}"));
    CHECK_THAT(refusal("{{ 'x'|wordwrap }}"), ContainsSubstring("line 1: the filter 'wordwrap'"));
    CHECK_THAT(refusal("\n\n{{ 'x'.zfill(3) }}"),
               ContainsSubstring("line 3: the method 'zfill()'"));
    CHECK_THAT(refusal("{{ 1 is escaped }}"), ContainsSubstring("the test 'is escaped'"));
    CHECK_THAT(refusal("{{ cycler(1) }}"), ContainsSubstring("the function 'cycler'"));
    CHECK_THAT(refusal("{{ f(*x) }}"), ContainsSubstring("arguments with *"));
    CHECK_THAT(refusal("{% if x %}"), ContainsSubstring("before {% endif %}"));
    CHECK_THAT(refusal("{{ nothing.at.all }}"),
               ContainsSubstring("'at' of something that is undefined ('nothing')"));
    CHECK_THAT(refusal("{{ 1 + 'a' }}"), ContainsSubstring("'+' between an integer and a string"));
    CHECK_THAT(refusal("{{ raise_exception('roles must alternate') }}"),
               ContainsSubstring("roles must alternate"));
}

TEST_CASE("today's date is refused unless it is given or asked for behind a guard") {
    CHECK_THAT(refusal("{{ strftime_now('%Y') }}"), ContainsSubstring("strftime_now"));
    const std::string guarded =
        "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% else %}never{% endif %}";
    CHECK(rendered(guarded) == "never");
    RenderOptions options;
    options.date = std::tm{};
    options.date->tm_year = 2024 - 1900;
    options.date->tm_mday = 3;
    CHECK(ChatTemplate(guarded, "t").render({}, options).text == "03 Jan 2024");
}

TEST_CASE("a template that never ends, doubles its text or nests without end is refused") {
    const std::string loops =
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    CHECK_THAT(refusal(loops), ContainsSubstring("does not come to an end"));
    std::string doubling = "{% set x = 'aaaaaaaaaaaaaaaa' %}";
    for (int i = 0; i < 40; ++i) doubling += "{% set x = x + x %}";
    CHECK_THAT(refusal(doubling), ContainsSubstring("256 MiB"));
    CHECK_THAT(refusal("{{ " + std::string(1500, '(') + "1" + std::string(1500, ')') + " }}"),
               ContainsSubstring("nested too deep"));
    CHECK_THAT(refusal("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
               ContainsSubstring("calls itself"));
    CHECK_THAT(refusal("{% set n = namespace() %}{% set n.me = n %}{{ n }}"),
               ContainsSubstring("within a namespace"));
}

TEST_CASE("tokens know their bytes of the prompt, whatever the template does with it") {
    // "<u> hé</u>" with the prompt stripped: é is two bytes, each a token that covers the whole of
    // it.
    const Encoding e = encoded(
        "<u>{{ messages[0].content | trim }}|{{ messages[0].content[2] | upper }}", " h\u00e9 ");
    CHECK(e.special == std::vector<std::uint8_t>{1, 1, 1, 0, 0, 0, 1, 0, 0});
    CHECK(e.begin == Offsets{0, 0, 0, 1, 2, 2, 0, 2, 2});
    CHECK(e.end == Offsets{0, 0, 0, 2, 4, 4, 0, 4, 4});
}

TEST_CASE("what the template, the system message or an equal text says is not the prompt's") {
    const Encoding e =
        encoded("{% for m in messages %}{{ m.role[0] + m.content }}{% endfor %}", "us", "us");
    // s us u us: only the last two bytes are the prompt's own.
    CHECK(e.special == std::vector<std::uint8_t>{1, 1, 1, 1, 0, 0});
    CHECK(e.begin == Offsets{0, 0, 0, 0, 0, 1});
    CHECK(e.end == Offsets{0, 0, 0, 0, 1, 2});
}

TEST_CASE("special tokens of a template become their own ids") {
    Json definition = test::byte_level_definition({});
    Json marker = test::added_token("<|u|>", {"special"});
    marker["id"] = 256;
    definition["added_tokens"].push_back(marker);
    const test::TokenizerFolder folder(definition);
    test::write_text(folder.path() / "tokenizer_config.json",
                     R"({"bos_token": {"content": "<|u|>"}, "chat_template": [{"name": "default",
                        "template": "{{ bos_token }}{{ messages[0].content }}"}]})");
    const Encoding e = ChatEncoder(folder.path(), {}).encode(folder.open(), "a");
    CHECK(e.ids == Offsets{256, 'a'});
    CHECK(e.special == std::vector<std::uint8_t>{1, 0});
}

TEST_CASE("a folder without a chat template says where one would be") {
    const test::TokenizerFolder folder(test::byte_level_definition({}));
    CHECK_THROWS_WITH(ChatTemplate::read(folder.path()),
                      ContainsSubstring("no chat_template.jinja"));
}
