#include "analysis/pairs/read_or_written.h"

#include <functional>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/pairs/language_request.h"
#include "base/error.h"
#include "captures/trace_data.h"

using namespace alluvium;
using Catch::Approx;

namespace {

// Six translated texts.
std::vector<Prompt> translations() {
    std::vector<Prompt> prompts;
    for (int g = 0; g < 6; ++g) {
        for (const char* language : {"en", "fr", "ar"}) {
            Prompt prompt;
            prompt.group = std::to_string(g);
            prompt.id = prompt.group + language;
            prompt.language = language;
            prompt.text = std::string(language) + " text " + prompt.group;
            prompts.push_back(prompt);
        }
    }
    return prompts;
}

// What the planted router does with the tokens at the end of a prompt; the rest goes to expert 0.
struct Planted {
    double written = 0;  // share of the last ten that goes with the language to be written
    double read = 0;     // likewise with the one read
    bool texts_apart = true;
    bool odd_groups_swap = false;  // written and read change places in every other group
};

// One token a byte, one layer of 3 experts, top 1: expert 1 is English, 2 French.
TracePtr planted_trace(const std::vector<Prompt>& prompts, const Planted& plan) {
    TraceData data;
    data.header.kind = TraceKind::tokens;
    data.header.layers = {{.layer = 5, .experts = 3, .top_k = 1}};
    std::vector<ExpertId> chosen;
    const auto expert = [](const std::string& language) {
        return ExpertId(language == "en" ? 1 : 2);
    };
    PromptTable& table = data.header.prompts;
    for (const Prompt& prompt : prompts) {
        const bool swap = plan.odd_groups_swap && std::stoi(prompt.group) % 2 == 1;
        const double last = swap ? plan.read : plan.written, next = swap ? plan.written : plan.read;
        const std::size_t request = request_begin(prompt.text), size = prompt.text.size();
        const std::string read = prompt.extra.at(kReadColumn),
                          write = prompt.extra.at(kWriteColumn);
        table.id.push_back(prompt.id);
        table.text.push_back(prompt.text);
        table.language.push_back(prompt.language);
        table.group.push_back(prompt.group);
        table.domain.emplace_back();
        table.extra[kReadColumn].push_back(read);
        table.extra[kWriteColumn].push_back(write);
        table.first_token.push_back(data.tokens.size());
        table.token_count.push_back(static_cast<std::uint32_t>(size));
        table.truncated.push_back(0);
        table.done.push_back(1);
        for (std::size_t t = 0; t < size; ++t) {
            data.tokens.id.push_back(static_cast<unsigned char>(prompt.text[t]));
            data.tokens.prompt.push_back(static_cast<std::uint32_t>(table.size() - 1));
            data.tokens.position.push_back(static_cast<std::uint32_t>(t));
            data.tokens.byte_begin.push_back(static_cast<std::uint32_t>(t));
            data.tokens.byte_end.push_back(static_cast<std::uint32_t>(t + 1));
            data.tokens.phase.push_back(kPhasePrompt);
            data.tokens.special.push_back(0);
            // From the end, in tenths.
            const double tenth = static_cast<double>(size - t) / 10;
            ExpertId e = 0;
            if (t < request) {
                e = plan.texts_apart ? expert(read) : 0;
            } else if (tenth <= last) {
                e = expert(write);
            } else if (tenth <= last + next) {
                e = expert(read);
            }
            chosen.push_back(e);
        }
    }
    data.header.token_count = data.tokens.size();
    data.layers.resize(1);
    data.layers[0].experts = Grid<ExpertId>(data.tokens.size(), 1, chosen);
    return make_trace(std::move(data));
}

ReadOrWritten measured(const Planted& plan) {
    const Progress progress;
    return read_or_written(*planted_trace(request_prompts(translations(), "en", "fr"), plan),
                           progress);
}

}  // namespace

TEST_CASE("Every translated text gets both requests, in English") {
    const std::vector<Prompt> prompts = request_prompts(translations(), "en", "fr");
    REQUIRE(prompts.size() == 24);
    CHECK(prompts[0].text == "en text 0\nReply in English.\nReply:");
    CHECK(prompts[1].text == "en text 0\nReply in French.\nReply:");
    CHECK(prompts[2].text == "fr text 0\nReply in English.\nReply:");
    CHECK(prompts[3].extra.at(kReadColumn) == "fr");
    CHECK(prompts[3].extra.at(kWriteColumn) == "fr");
    CHECK(request_begin(prompts[0].text) == 9);
    CHECK_THROWS_AS(request_prompts(translations(), "en", "en"), UserError);
    CHECK_THROWS_AS(request_prompts(translations(), "en", "xx"), UserError);
    CHECK_THROWS_AS(request_prompts(translations(), "en", "hi"), UserError);
}

// English and French end in the same letter: "h.\nReply:", nine bytes, which all prompts share.
TEST_CASE("Effects are the shares of tokens at the end that go with a language") {
    const ReadOrWritten result = measured({.written = 0.5, .read = 0.2});
    CHECK(result.first == "en");
    CHECK(result.groups == 6);
    CHECK(result.tokens == Approx(9));
    REQUIRE(result.layers.size() == 1);
    CHECK(result.layers[0].layer == 5);
    // d = (0, 1, -1), and the texts' own shares differ by the same.
    CHECK(result.layers[0].texts.value == Approx(2));
    CHECK(result.layers[0].write.value == Approx(5.0 / 9));
    CHECK(result.layers[0].read.value == Approx(2.0 / 9));
    CHECK(result.layers[0].difference.value == Approx(3.0 / 9));
    CHECK(result.follows == Follows::written);
    CHECK(result.sentence.find("goes with the language to be written") != std::string::npos);
}

TEST_CASE("Routing that goes with the language read is told from one that goes with both") {
    CHECK(measured({.written = 0.1, .read = 0.4}).follows == Follows::read);
    const ReadOrWritten both = measured({.written = 0.5, .read = 0.3, .odd_groups_swap = true});
    CHECK(both.follows == Follows::both);
    CHECK(both.late.read.value == Approx(4.0 / 9));  // in the mean over groups
    CHECK(both.late.difference.low < 0);
    CHECK(both.late.difference.high > 0);
}

TEST_CASE("Without an effect, or where texts do not lie apart, the sentence says inconclusive") {
    const ReadOrWritten nothing = measured({});
    CHECK(nothing.follows == Follows::inconclusive);
    CHECK(nothing.sentence.find("inconclusive") != std::string::npos);
    const ReadOrWritten alike = measured({.written = 0.5, .texts_apart = false});
    CHECK(alike.follows == Follows::inconclusive);
    CHECK_FALSE(alike.layers[0].write.has_value());
    CHECK(alike.sentence.find("not routed differently") != std::string::npos);
}

TEST_CASE("A trace of something else is refused") {
    const Progress progress;
    auto prompts = request_prompts(translations(), "en", "fr");
    prompts.pop_back();  // a cell is missing
    CHECK_THROWS_AS(read_or_written(*planted_trace(prompts, {}), progress), UserError);
}
