#include "model/evaluate/question_record.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "base/error.h"

namespace alluvium {
namespace {

constexpr std::size_t kLetters = 26;

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool take_any(std::string_view& text, std::initializer_list<std::string_view> prefixes) {
    return std::ranges::any_of(prefixes, [&](std::string_view p) { return take(text, p); });
}

// What follows "(B)", "B)", "B." or "B:" at the start of a line; nothing where the line does not
// start an option with this letter.
std::optional<std::string_view> after_marker(std::string_view line, char letter) {
    line = trimmed(line);
    take_any(line, {"(", "（"});
    if (!take(line, std::string_view(&letter, 1))) return std::nullopt;
    if (!take_any(line, {")", "）", ".", ":", "：", "、"})) return std::nullopt;
    return trimmed(line);
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string text_field(const Json& record, const char* key) {
    const auto found = record.find(key);
    return found == record.end() || found->is_null() ? "" : text_of(*found);
}

std::vector<std::string> options_of(const Json& record) {
    const auto found = record.find("options");
    if (found == record.end()) throw UserError("no \"options\"");
    if (found->is_string()) return split_options(found->get<std::string>());
    if (!found->is_array() && !found->is_object()) {
        throw UserError("\"options\" is neither a text nor a list nor an object");
    }
    std::vector<std::string> options;
    for (const auto& [key, value] : found->items()) {
        if (found->is_object() && key != std::string(1, option_letter(options.size()))) {
            throw UserError("\"options\" has the key \"" + key + "\", expected \"" +
                            option_letter(options.size()) + "\"");
        }
        options.push_back(text_of(value));
    }
    return options;
}

}  // namespace

char option_letter(std::size_t option) {
    return static_cast<char>('A' + option);
}

std::vector<std::string> split_options(const std::string& text) {
    std::vector<std::string> options;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto next = options.size() < kLetters
                              ? after_marker(line, option_letter(options.size()))
                              : std::nullopt;
        if (next) {
            options.emplace_back(*next);
        } else if (!options.empty()) {
            options.back() += "\n" + line;
        } else if (!trimmed(line).empty()) {
            throw UserError("the options do not begin with \"(A)\"");
        }
    }
    for (std::string& option : options) option = trimmed(option);
    return options;
}

std::vector<std::size_t> named_options(const std::string& answer,
                                       const std::vector<std::string>& options) {
    std::string_view text = trimmed(answer);
    const auto same = std::ranges::find(options, text);
    if (same != options.end()) return {static_cast<std::size_t>(same - options.begin())};
    take_any(text, {"(", "（"});
    std::vector<std::size_t> named;
    while (!text.empty() && text.front() >= 'A' && text.front() <= 'Z') {
        named.push_back(static_cast<std::size_t>(text.front() - 'A'));
        text.remove_prefix(1);
    }
    const bool ends = text.empty() || take_any(text, {")", "）", ".", ":", "：", "、"});
    const bool known =
        std::ranges::all_of(named, [&](std::size_t option) { return option < options.size(); });
    if (named.empty() || !known || !ends) {
        throw UserError("the answer \"" + answer + "\" names none of its " +
                        std::to_string(options.size()) + " options");
    }
    std::ranges::sort(named);
    return named;
}

void set_answer(Question& question, const std::string& answer, SeveralAnswers several) {
    if (trimmed(question.text).empty()) throw UserError("no question");
    if (question.options.size() < 2 || question.options.size() > kLetters) {
        throw UserError(std::to_string(question.options.size()) + " options");
    }
    for (std::size_t o = 0; o < question.options.size(); ++o) {
        if (question.options[o].empty()) {
            throw UserError(std::string("option ") + option_letter(o) + " is empty");
        }
    }
    if (trimmed(answer).empty()) throw UserError("no answer");
    const std::vector<std::size_t> named = named_options(answer, question.options);
    if (named.size() > 1 && several == SeveralAnswers::unreadable) {
        throw UserError("the answer \"" + answer + "\" names " + std::to_string(named.size()) +
                        " options");
    }
    question.answer = named.front();
}

Question question_from_json(const Json& record, SeveralAnswers several) {
    if (!record.is_object()) throw UserError("it is no object");
    Question question;
    question.text = text_field(record, "question");
    question.context = text_field(record, "context");
    question.source = text_field(record, "source");
    question.language = text_field(record, "language");
    question.options = options_of(record);
    set_answer(question, text_field(record, "answer"), several);
    return question;
}

}  // namespace alluvium
