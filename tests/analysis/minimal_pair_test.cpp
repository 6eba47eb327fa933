#include "analysis/pairs/minimal_pair.h"

#include <functional>
#include <set>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/figures/pair_figure.h"
#include "analysis/pairs/align_texts.h"
#include "analysis/pairs/other_script.h"
#include "base/error.h"
#include "captures/trace_data.h"

using namespace alluvium;
using Catch::Approx;

namespace {

std::string word(const std::string& text, const TextSpan& span) {
    return text.substr(span.word, span.end - span.word);
}

// "a=b a|b" for equal and unequal words.
std::string shown(const std::string& a, const std::string& b) {
    std::string text;
    for (const SpanPair& pair : align_texts(a, b)) {
        text += (text.empty() ? "" : " ") + word(a, pair.a) + (pair.equal ? "=" : "|") +
                word(b, pair.b);
    }
    return text;
}

// A tokenizer of the test's own: a word with the white space before it is a token, whose id follows
// from its bytes.
struct Tokens {
    std::vector<std::uint32_t> id, begin, end;
};
Tokens tokens_of(const std::string& text) {
    Tokens tokens;
    std::size_t begin = 0;
    while (begin < text.size()) {
        std::size_t end = text.find_first_not_of(' ', begin);
        end = std::min(text.find(' ', std::min(end, text.size())), text.size());
        std::uint32_t id = 7;
        for (std::size_t i = begin; i < end; ++i)
            id = id * 31 + static_cast<unsigned char>(text[i]);
        tokens.id.push_back(id);
        tokens.begin.push_back(static_cast<std::uint32_t>(begin));
        tokens.end.push_back(static_cast<std::uint32_t>(end));
        begin = end;
    }
    return tokens;
}

// What a planted model chooses: expert numbers for the token at `t` of `text`, in one layer.
using Router = std::function<std::vector<ExpertId>(const std::string& text, std::size_t t)>;

// One layer of 8 experts, top 2.
TracePtr planted(const std::vector<Prompt>& prompts, const Router& router) {
    TraceData data;
    data.header.kind = TraceKind::tokens;
    data.header.model.name = "planted";
    data.header.layers = {{.layer = 3, .experts = 8, .top_k = 2}};
    std::vector<ExpertId> chosen;
    PromptTable& table = data.header.prompts;
    for (const Prompt& prompt : prompts) {
        const Tokens tokens = tokens_of(prompt.text);
        table.id.push_back(prompt.id);
        table.text.push_back(prompt.text);
        table.language.push_back(prompt.language);
        table.group.push_back(prompt.group);
        table.domain.emplace_back();
        table.extra[kPairColumn].push_back(prompt.extra.at(kPairColumn));
        table.first_token.push_back(data.tokens.size());
        table.token_count.push_back(static_cast<std::uint32_t>(tokens.id.size()));
        table.truncated.push_back(0);
        table.done.push_back(1);
        for (std::size_t t = 0; t < tokens.id.size(); ++t) {
            data.tokens.id.push_back(tokens.id[t]);
            data.tokens.prompt.push_back(static_cast<std::uint32_t>(table.size() - 1));
            data.tokens.position.push_back(static_cast<std::uint32_t>(t));
            data.tokens.byte_begin.push_back(tokens.begin[t]);
            data.tokens.byte_end.push_back(tokens.end[t]);
            data.tokens.phase.push_back(kPhasePrompt);
            data.tokens.special.push_back(0);
            for (const ExpertId e : router(prompt.text, t)) chosen.push_back(e);
        }
    }
    data.header.token_count = data.tokens.size();
    data.layers.resize(1);
    data.layers[0].experts = Grid<ExpertId>(data.tokens.size(), 2, chosen);
    return make_trace(std::move(data));
}

MinimalPair measured(const PairTexts& texts, const Router& router) {
    const Progress progress;
    return minimal_pair(*planted(pair_prompts(texts), router), progress);
}

const PairTexts kTexts{"my head hurts a lot", "my back hurts a lot", "en", "en"};

}  // namespace

TEST_CASE("Words that two texts share are found in order, and what differs between them") {
    CHECK(shown("my head hurts", "my back hurts") == "my=my head|back hurts=hurts");
    CHECK(shown("go home now", "go now") == "go=go home| now=now");
    CHECK(shown("go now", "go home now") == "go=go |home now=now");
    CHECK(shown("one two three.", "one 2 and three!") == "one=one two|2 and three=three .|!");
    CHECK(shown("a b c d e", "a x c y e") == "a=a b|x c=c d|y e=e");
}

TEST_CASE("A text in another script stands word beside word") {
    CHECK(shown("Глава ме боли", "Glava me boli") == "Глава|Glava ме|me боли|boli");
}

TEST_CASE("Scripts without spaces are divided into words, too") {
    const auto words = split_words("我头疼");
    CHECK(words.size() >= 2);
    CHECK(words.back().end == 9);  // three characters of three bytes
    const std::string thai = "ปวดหัวมาก", other = "ปวดท้องมาก";
    const auto pairs = align_texts(thai, other);
    CHECK(pairs.front().equal);
    CHECK(pairs.back().equal);
}

TEST_CASE("White space belongs to the word behind it and is not compared") {
    const auto words = split_words("a  bc ");
    REQUIRE(words.size() == 2);
    CHECK(words[1] == TextSpan{1, 3, 5});
    CHECK(align_texts("a  b", "a b")[1].equal);
}

TEST_CASE("Neutral edits leave all words and stand at the place of the change") {
    const auto edits = neutral_edits(kTexts.a, kTexts.b);
    REQUIRE(edits.size() == kNeutralEdits);
    CHECK(edits[0] == "my \"head\" hurts a lot");
    std::set<std::string> different(edits.begin(), edits.end());
    CHECK(different.size() == kNeutralEdits);
    for (const std::string& edit : edits) {
        std::size_t found = 0;
        for (const SpanPair& pair : align_texts(kTexts.a, edit)) found += pair.equal ? 1 : 0;
        INFO(edit);
        CHECK(found == 5);
        CHECK(edit != kTexts.a);
    }
    // Words that were only added have no place in the first text: the word behind is taken.
    CHECK(neutral_edits("go now", "go home now")[0] == "go \"now\"");
    CHECK(neutral_edits("go", "go home")[0] == "\"go\"");
}

TEST_CASE("The change of a token is the share of its experts that are others") {
    // Behind "back" the word "hurts" swaps one of two experts, "lot" both, "a" none; neutral edits
    // change nothing.
    const Router router = [](const std::string& text, std::size_t t) -> std::vector<ExpertId> {
        const bool b = text == kTexts.b;
        if (b && t == 1) return {4, 5};
        if (b && t == 2) return {2, 7};
        if (b && t == 4) return {6, 7};
        return {static_cast<ExpertId>(t), static_cast<ExpertId>((t + 1) % 8)};
    };
    const MinimalPair pair = measured(kTexts, router);
    REQUIRE(pair.spans.size() == 5);
    REQUIRE(pair.layers.size() == 1);
    const std::vector<SpanChange>& spans = pair.layers[0].spans;
    CHECK(spans[0].change == 0);
    CHECK(spans[1].change == 1);            // {1, 2} and {4, 5}
    CHECK(spans[2].change == Approx(0.5));  // {2, 3} and {2, 7}
    CHECK(spans[3].change == 0);
    CHECK(spans[4].change == 1);
    CHECK(pair.layers[0].after.change == Approx(0.5));  // (1/2 + 0 + 1) / 3
    CHECK(pair.layers[0].layer == 3);
    CHECK(pair.layers[0].unrelated == Approx(0.75));  // 1 - 2/8
    CHECK(pair.tokens_before == 1);
    CHECK(pair.tokens_after == 3);
    CHECK(pair.unequal_before == 0);
    CHECK(pair.spans[1].changed);
    CHECK(pair.spans[0].before);
    CHECK_FALSE(pair.spans[2].before);
    CHECK(pair.sentence.find("Changed: 'head' to 'back'. Of the 3 tokens") == 0);
}

TEST_CASE("A change is beyond the floor only where it exceeds every neutral edit") {
    // "lot" changes one expert after the first edit, and behind the change one expert, too; "hurts"
    // changes behind the change only.
    const std::string first_edit = neutral_edits(kTexts.a, kTexts.b)[0];
    const Router router = [&](const std::string& text, std::size_t t) -> std::vector<ExpertId> {
        const bool b = text == kTexts.b, edit = text == first_edit;
        if (b && t == 2) return {5, 6};
        if ((b || edit) && t == 4) return {0, 7};
        return {0, 1};
    };
    const MinimalPair pair = measured(kTexts, router);
    const std::vector<SpanChange>& spans = pair.layers[0].spans;
    CHECK(spans[2].beyond_floor());
    CHECK(spans[2].floor_max == 0);
    CHECK(spans[4].change == Approx(0.5));
    CHECK(spans[4].floor_max == Approx(0.5));
    CHECK(spans[4].at_least == 1);
    CHECK(spans[4].floor_mean == Approx(0.5 / 19));
    CHECK_FALSE(spans[4].beyond_floor());
    CHECK(pair.layers[0].after.change == Approx(0.5));  // (1 + 0 + 1/2) / 3
    CHECK(pair.layers[0].after.floor_max == Approx(0.5 / 3));
    CHECK(pair.sentence.find("beyond the floor (p = 0.05)") != std::string::npos);
}

TEST_CASE("A pair that does what neutral edits do is inconclusive") {
    const Router router = [](const std::string& text, std::size_t t) -> std::vector<ExpertId> {
        return text != kTexts.a && t >= 2 ? std::vector<ExpertId>{0, 7}
                                          : std::vector<ExpertId>{0, 1};
    };
    const MinimalPair pair = measured(kTexts, router);
    CHECK_FALSE(pair.after.beyond_floor());
    CHECK(pair.sentence.find("inconclusive, 19 of these edits change as much") !=
          std::string::npos);
}

TEST_CASE("Choices before the change that differ are counted and said") {
    const Router router = [](const std::string& text, std::size_t t) -> std::vector<ExpertId> {
        return text == kTexts.b && t == 0 ? std::vector<ExpertId>{3, 4}
                                          : std::vector<ExpertId>{0, 1};
    };
    const MinimalPair pair = measured(kTexts, router);
    CHECK(pair.unequal_before == 1);
    CHECK(pair.sentence.find("should be routed alike, but 1 choice differs") != std::string::npos);
}

TEST_CASE("Words with unequal numbers of tokens are compared by their shares of experts") {
    // "head" is one token, "lower back" two: {0, 1} against {0, 1} and {2, 3}.
    const PairTexts texts{"my head hurts", "my lower back hurts", "en", "en"};
    const Router router = [&](const std::string& text, std::size_t t) -> std::vector<ExpertId> {
        return text == texts.b && t == 2 ? std::vector<ExpertId>{2, 3}
                                         : std::vector<ExpertId>{0, 1};
    };
    const MinimalPair pair = measured(texts, router);
    CHECK(pair.spans[1].b == "lower back");
    CHECK(pair.layers[0].spans[1].change == Approx(0.5));
}

TEST_CASE("Texts with the same words, or a trace of something else, are no pair") {
    CHECK_THROWS_AS(pair_prompts({"a b", "a  b", {}, {}}), UserError);
    CHECK_THROWS_AS(pair_prompts({"", "a", {}, {}}), UserError);
    const std::vector<Prompt> prompts = pair_prompts(kTexts);
    const Router router = [](const std::string&, std::size_t) {
        return std::vector<ExpertId>{0, 1};
    };
    const Progress progress;
    CHECK_THROWS_AS(minimal_pair(*planted({prompts[0]}, router), progress), UserError);
}

TEST_CASE("The picture has a cell for every layer and span, in reading order") {
    const Router router = [](const std::string& text, std::size_t t) -> std::vector<ExpertId> {
        return text == kTexts.b && t == 2 ? std::vector<ExpertId>{5, 6}
                                          : std::vector<ExpertId>{0, 1};
    };
    PairTexts texts = kTexts;
    for (const char* language : {"en", "ar"}) {
        texts.language_a = language;
        const TextMeter meter = [](std::string_view text, const TextStyle& style) {
            return Size{0.6 * style.size * static_cast<double>(text.size()), 1.3 * style.size};
        };
        const Figure figure = pair_figure(measured(texts, router), {}, light_theme(), meter);
        CHECK(figure.title == "33 % of the experts behind the change are others, beyond the floor");
        std::vector<std::pair<double, std::string>> cells;
        std::size_t dots = 0, behind = 0;
        for (const Mark& mark : figure.marks) {
            if (mark.datum < 0) continue;
            const Datum& datum = figure.data[static_cast<std::size_t>(mark.datum)];
            if (std::holds_alternative<CircleShape>(mark.shape)) ++dots;
            const auto* cell = std::get_if<RectShape>(&mark.shape);
            if (cell == nullptr) continue;
            behind += datum.kind == "behind" ? 1 : 0;
            if (datum.kind == "cell") cells.emplace_back(cell->rect.x, datum.group);
        }
        CHECK(behind == 1);
        CHECK(dots == 2);  // "hurts", and all behind
        std::sort(cells.begin(), cells.end());
        if (texts.language_a == "ar") std::reverse(cells.begin(), cells.end());
        REQUIRE(cells.size() == 5);
        CHECK(cells[0].second == "my");
        CHECK(cells[1].second == "head \u2192 back");
        CHECK(cells[4].second == "lot");
    }
}

TEST_CASE("Serbian changes between its two scripts, other languages are romanised") {
    // The first article of the declaration of human rights, and digraphs in every case.
    CHECK(in_other_script("Сва људска бића рађају се слободна.", "sr") ==
          "Sva ljudska bića rađaju se slobodna.");
    CHECK(in_other_script("Sva ljudska bića rađaju se slobodna.", "sr") ==
          "Сва људска бића рађају се слободна.");
    CHECK(in_other_script("Njegoš, DŽEP, Žuč", "sr") == "Његош, ЏЕП, Жуч");
    CHECK(in_other_script("नमस्ते", "hi") == "namastē");
    CHECK_FALSE(in_other_script("Bonjour", "fr").has_value());
    CHECK_FALSE(in_other_script("12 ?", "sr").has_value());
}
