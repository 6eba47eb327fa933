#include "model/evaluate/apollo_protocol.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/assets.h"
#include "base/error.h"
#include "captures/languages.h"
#include "model/train/random_source.h"

namespace alluvium {
namespace {

void replace(std::string& text, std::string_view name, const std::string& value) {
    const std::size_t at = text.find(name);
    if (at != std::string::npos) text.replace(at, name.size(), value);
}

// "(B)"
std::string bracketed(std::size_t option) {
    std::string text = "()";
    text.insert(text.begin() + 1, option_letter(option));
    return text;
}

// The question is put in last: what it holds is never taken for a name.
std::string filled(std::string form, const Question& question) {
    std::string options;
    for (std::size_t o = 0; o < question.options.size(); ++o) {
        if (o > 0) options += '\n';
        options += bracketed(o) + " " + question.options[o];
    }
    replace(form, "{answer}", bracketed(question.answer));
    replace(form, "{options}", options);
    replace(form, "{context}", question.context);
    replace(form, "{question}", question.text);
    return form;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Counts per letter, in the order in which letters were met.
class LetterCounts {
  public:
    void add(char letter) {
        const auto found = std::ranges::find(counts_, letter, &Count::letter);
        if (found == counts_.end()) {
            counts_.push_back({letter, 1});
        } else {
            ++found->times;
        }
    }
    bool empty() const { return counts_.empty(); }
    std::size_t most() const {
        const auto best = std::ranges::max_element(counts_, {}, &Count::times);
        return static_cast<std::size_t>(best->letter - 'A');
    }

  private:
    struct Count {
        char letter;
        int times;
    };
    std::vector<Count> counts_;
};

constexpr std::array<std::string_view, 2> kOpening = {"(", "（"};
constexpr std::array<std::string_view, 2> kClosing = {")", "）"};

bool ends_with_any(std::string_view text, std::span<const std::string_view> endings) {
    return std::ranges::any_of(endings, [&](auto ending) { return text.ends_with(ending); });
}

bool starts_with_any(std::string_view text, std::span<const std::string_view> starts) {
    return std::ranges::any_of(starts, [&](auto start) { return text.starts_with(start); });
}

void count_latin_in_brackets(std::string_view line, LetterCounts& counts) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char upper = static_cast<char>(line[i] & ~0x20);
        const bool letter =
            (line[i] >= 'A' && line[i] <= 'F') || (line[i] >= 'a' && line[i] <= 'f');
        if (letter && ends_with_any(line.substr(0, i), kOpening) &&
            starts_with_any(line.substr(i + 1), kClosing)) {
            counts.add(upper);
        }
    }
}

// One bracket, on either side, is enough; a letter counts once however often it stands there.
void count_arabic_in_brackets(std::string_view line, LetterCounts& counts) {
    struct Spelling {
        char letter;
        std::string_view arabic;
    };
    constexpr std::array<Spelling, 5> kSpellings = {
        {{'A', "أ"}, {'B', "ب"}, {'C', "س"}, {'C', "ك"}, {'D', "د"}}};
    std::string met;
    for (const auto& [letter, arabic] : kSpellings) {
        for (std::size_t at = line.find(arabic); at != std::string_view::npos;
             at = line.find(arabic, at + 1)) {
            if (ends_with_any(line.substr(0, at), kOpening) ||
                starts_with_any(line.substr(at + arabic.size()), kClosing)) {
                if (met.find(letter) == std::string::npos) counts.add(letter);
                met += letter;
                break;
            }
        }
    }
}

}  // namespace

ApolloProtocol ApolloProtocol::load() {
    const std::filesystem::path path = find_asset("assets/protocols/apollo.json");
    try {
        return ApolloProtocol(read_json(path));
    } catch (const Json::exception& e) {
        throw UserError("'" + path.string() + "': " + e.what(), "restore the file");
    }
}

ApolloProtocol::ApolloProtocol(const Json& definition)
    : shots_(definition.at("shots")),
      max_characters_(definition.at("max_characters")),
      min_new_tokens_(definition.at("min_new_tokens")),
      max_new_tokens_(definition.at("max_new_tokens")) {
    const auto form = [](const Json& entry) { return Form{entry.at("ask"), entry.at("shot")}; };
    for (const auto& [language, entry] : definition.at("languages").items()) {
        forms_[language] = form(entry);
    }
    with_context_ = form(definition.at("with_context"));
}

const ApolloProtocol::Form& ApolloProtocol::form_of(const Question& question) const {
    if (!question.context.empty()) return with_context_;
    const auto found = forms_.find(question.language);
    return found != forms_.end() ? found->second : forms_.at("en");
}

std::optional<std::string> ApolloProtocol::prompt(const QuestionSet& set, std::size_t question,
                                                  std::uint64_t seed) const {
    const Question& asked = set.questions[question];
    const std::string ask = filled(form_of(asked).ask, asked);
    if (characters(ask) > max_characters_) return std::nullopt;
    std::vector<std::size_t> others;
    for (std::size_t q = 0; q < set.questions.size(); ++q) {
        const Question& other = set.questions[q];
        const bool alike = other.source == asked.source && other.language == asked.language;
        if (q != question && alike) others.push_back(q);
    }
    RandomSource random(seed + 0x9e3779b9 * (question + 1));
    random.shuffle(others);
    std::string prompt;
    for (std::size_t i = 0; i < std::min(shots_, others.size()); ++i) {
        const Question& other = set.questions[others[i]];
        const std::string shot = filled(form_of(other).shot, other);
        if (characters(prompt) + characters(ask) + characters(shot) < max_characters_) {
            prompt += shot;
        }
    }
    return prompt + ask;
}

std::string_view first_full_line(std::string_view answer) {
    for (std::size_t begin = 0; begin < answer.size();) {
        const std::size_t end = std::min(answer.find('\n', begin), answer.size());
        if (end > begin) return answer.substr(begin, end - begin);
        begin = end + 1;
    }
    return answer;
}

bool has_full_line(std::string_view answer) {
    const std::size_t begin = answer.find_first_not_of('\n');
    return begin != std::string_view::npos && answer.find('\n', begin) != std::string_view::npos;
}

std::optional<std::size_t> apollo_answer(std::string_view answer) {
    const std::string_view line = first_full_line(answer);
    LetterCounts counts;
    count_latin_in_brackets(line, counts);
    count_arabic_in_brackets(line, counts);
    if (counts.empty()) {
        for (const char c : line) {
            if (c >= 'A' && c <= 'F') counts.add(c);
        }
    }
    if (!counts.empty()) return counts.most();
    if (line == "Yes.") return 0;
    if (line == "No.") return 1;
    return std::nullopt;
}

}  // namespace alluvium
