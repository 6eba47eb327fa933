#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "captures/languages.h"
#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"
#include "model/evaluate/question_record.h"

namespace alluvium {
namespace {

// Where the questions of one file go.
class FileReader {
  public:
    FileReader(const std::string& path, const QuestionOptions& options, QuestionSet& out)
        : path_(path),
          stem_(std::filesystem::path(path).stem().string()),
          options_(options),
          out_(out) {}

    void read() {
        const std::string ending = std::filesystem::path(path_).extension().string();
        if (ending == ".json" || ending == ".jsonl") {
            read_json_records();
        } else if (ending == ".tsv") {
            read_table();
        } else {
            throw UserError("question file '" + path_ + "' has the unknown ending '" + ending + "'",
                            "question files end in .json, .jsonl or .tsv");
        }
        if (records_ == 0) throw UserError("'" + path_ + "' holds no question");
    }

  private:
    bool full() const { return options_.limit > 0 && records_ >= options_.limit; }

    // `make` gives the question; what it throws becomes an unreadable record.
    template <typename Make>
    void add(const std::string& language, const Make& make) {
        const std::string id = stem_ + ":" + std::to_string(++records_);
        const std::string label = known_label(language);
        try {
            Question question = make();
            question.id = id;
            question.language = label;
            out_.questions.push_back(std::move(question));
        } catch (const UserError& e) {
            out_.unreadable.push_back({id, label, e.what()});
        }
    }

    // The table's code where it knows the label, so that files of one language are one row.
    std::string known_label(const std::string& language) const {
        const LanguageTable& table = LanguageTable::instance();
        const std::string label = language.empty() ? language_of_stem(stem_, table) : language;
        const Language* known = table.find(label);
        return known != nullptr ? known->code : label;
    }

    void read_json_records() {
        const std::string content = read_file(path_);
        if (content.find_first_not_of(" \t\r\n") == content.find('[')) {
            for (const Json& record : parse_json(content, path_)) add_json(record);
            return;
        }
        const TextLines file(path_);
        for (const TextLine& line : file.lines()) {
            if (line.text.empty()) continue;
            add_json(parse_json(line.text, path_ + "' line " + std::to_string(line.number)));
        }
    }

    void add_json(const Json& record) {
        if (full()) return;
        const auto language = record.is_object() ? record.find("language") : record.end();
        const bool given = language != record.end() && language->is_string();
        add(given ? language->get<std::string>() : "",
            [&] { return question_from_json(record, options_.several); });
    }

    void read_table() {
        const TextLines file(path_);
        if (file.lines().empty()) throw UserError("'" + path_ + "' is empty");
        const std::vector<std::string> columns = split_row(file.lines().front().text);
        for (const char* needed : {"question", "A", "B", "answer"}) {
            if (std::ranges::count(columns, needed) == 1) continue;
            file.fail(file.lines().front(), std::string("no column '") + needed + "'",
                      "the first row names the columns, separated by tabs: question, A, B, C, D, "
                      "answer and, if wanted, language, context, source");
        }
        for (const TextLine& line : std::span(file.lines()).subspan(1)) {
            if (!line.text.empty() && !full()) add_row(columns, split_row(line.text));
        }
    }

    void add_row(const std::vector<std::string>& columns, const std::vector<std::string>& fields) {
        const auto field = [&](const std::string& name) {
            const auto column =
                static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin());
            return column < fields.size() ? fields[column] : std::string();
        };
        add(field("language"), [&] {
            if (fields.size() != columns.size()) {
                throw UserError(std::to_string(fields.size()) + " columns, expected " +
                                std::to_string(columns.size()));
            }
            Question question;
            question.text = field("question");
            question.context = field("context");
            question.source = field("source");
            for (char letter = 'A'; letter <= 'Z'; ++letter) {
                const std::string option = field(std::string(1, letter));
                if (option.empty()) break;
                question.options.push_back(option);
            }
            set_answer(question, field("answer"), options_.several);
            return question;
        });
    }

    const std::string& path_;
    std::string stem_;
    QuestionOptions options_;
    QuestionSet& out_;
    std::size_t records_ = 0;
};

std::string topic_of(const Prompt& text) {
    if (!text.domain.empty()) return text.domain;
    for (const char* column : {"topic", "category"}) {
        const auto found = text.extra.find(column);
        if (found != text.extra.end() && !found->second.empty()) return found->second;
    }
    throw UserError("text '" + text.id + "' has no topic",
                    "name it in a column domain, topic or category; 'alluvium prompts --from "
                    "sib200' writes such a file");
}

}  // namespace

QuestionSet read_question_files(const std::vector<std::string>& paths,
                                const QuestionOptions& options) {
    QuestionSet set;
    for (const std::string& path : paths) FileReader(path, options, set).read();
    if (set.questions.empty()) {
        const UnreadableRecord& first = set.unreadable.front();
        throw UserError("none of " + std::to_string(set.unreadable.size()) +
                            " records is a question with one right option; " + first.id + ": " +
                            first.reason,
                        "a record has question, options and answer");
    }
    return set;
}

QuestionSet topic_questions(std::span<const Prompt> texts) {
    std::set<std::string> topics;
    for (const Prompt& text : texts) topics.insert(topic_of(text));
    if (topics.size() < 2) throw UserError("all texts have the same topic, there is no choice");
    QuestionSet set;
    for (const Prompt& text : texts) {
        Question question;
        question.id = text.id;
        question.language = text.language;
        question.text = text.text;
        question.options.assign(topics.begin(), topics.end());
        question.answer =
            static_cast<std::size_t>(std::distance(topics.begin(), topics.find(topic_of(text))));
        set.questions.push_back(std::move(question));
    }
    return set;
}

}  // namespace alluvium
