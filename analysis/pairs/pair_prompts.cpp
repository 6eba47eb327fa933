#include "analysis/pairs/pair_prompts.h"

#include <algorithm>
#include <array>

#include "analysis/pairs/align_texts.h"
#include "base/error.h"

namespace alluvium {
namespace {

struct Wrapping {
    const char* before;
    const char* after;
};

// Marks that stand around words in any script. No underscore: it counts as a part of a word.
constexpr std::array<Wrapping, kNeutralEdits> kWrappings = {{
    {"\"", "\""}, {"'", "'"}, {"“", "”"},   {"‘", "’"}, {"«", "»"},   {"„", "“"}, {"(", ")"},
    {"[", "]"},   {"{", "}"}, {"<", ">"},   {"*", "*"}, {"**", "**"}, {"`", "`"}, {"~", "~"},
    {"|", "|"},   {"/", "/"}, {"- ", " -"}, {" ", ""},  {"", " "},
}};

// The words of `text` that differ, from the first to the last.
TextSpan changed_words(const std::vector<SpanPair>& pairs) {
    const auto changed = [](const SpanPair& pair) { return !pair.equal; };
    const auto first = std::find_if(pairs.begin(), pairs.end(), changed);
    const auto last = std::find_if(pairs.rbegin(), pairs.rend(), changed);
    const TextSpan span{first->a.begin, first->a.word, last->a.end};
    if (!span.empty()) return span;
    const auto next = std::find_if(first, pairs.end(), [](const auto& p) { return !p.a.empty(); });
    if (next != pairs.end()) return next->a;
    return std::find_if(pairs.rbegin(), pairs.rend(), [](const auto& p) { return !p.a.empty(); })
        ->a;
}

Prompt part(const char* role, std::string id, std::string text, std::string language) {
    Prompt prompt;
    prompt.id = std::move(id);
    prompt.text = std::move(text);
    prompt.language = std::move(language);
    prompt.group = kPairColumn;
    prompt.extra[kPairColumn] = role;
    return prompt;
}

void check(const PairTexts& texts) {
    if (split_words(texts.a).empty() || split_words(texts.b).empty()) {
        throw UserError("a text of the pair has no word",
                        "give two texts of which one thing differs");
    }
    const std::vector<SpanPair> pairs = align_texts(texts.a, texts.b);
    if (std::all_of(pairs.begin(), pairs.end(), [](const SpanPair& p) { return p.equal; })) {
        throw UserError("both texts of the pair have the same words",
                        "change a word, the script or the language that is asked for");
    }
}

}  // namespace

std::vector<std::string> neutral_edits(std::string_view text, std::string_view other) {
    const TextSpan words = changed_words(align_texts(text, other));
    const std::string before(text.substr(0, words.word)), after(text.substr(words.end));
    const std::string inside(text.substr(words.word, words.end - words.word));
    std::vector<std::string> edits;
    for (const Wrapping& wrapping : kWrappings) {
        edits.push_back(before + wrapping.before + inside + wrapping.after + after);
    }
    return edits;
}

std::vector<Prompt> pair_prompts(const PairTexts& texts) {
    check(texts);
    std::vector<Prompt> prompts = {part(kFirstOfPair, "a", texts.a, texts.language_a),
                                   part(kSecondOfPair, "b", texts.b, texts.language_b)};
    for (const std::string& text : neutral_edits(texts.a, texts.b)) {
        prompts.push_back(part(kNeutralEdit, "neutral:" + std::to_string(prompts.size() - 1), text,
                               texts.language_a));
    }
    return prompts;
}

}  // namespace alluvium
