#pragma once
// Multiple-choice questions: one right option, which the scoring never shows the model.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "captures/prompt_file.h"

namespace alluvium {

struct Question {
    std::string id;        // FILE_STEM:RECORD, counted from 1
    std::string language;  // label
    std::string text;
    std::string context;  // an abstract to answer from; may be empty
    std::string source;   // name of the benchmark; may be empty
    std::vector<std::string> options;
    std::size_t answer = 0;  // index of the right option
};

// A record that is no question with one right option.
struct UnreadableRecord {
    std::string id;
    std::string language;
    std::string reason;
};

struct QuestionSet {
    std::vector<Question> questions;
    std::vector<UnreadableRecord> unreadable;
};

// What to do with a record whose answer names several options.
enum class SeveralAnswers {
    unreadable,  // one letter cannot be right
    first,       // the first counts, as in the published evaluation
};

struct QuestionOptions {
    std::size_t limit = 0;  // the first so many records of each file; 0: all
    SeveralAnswers several = SeveralAnswers::unreadable;
};

// The letter of an option: 0 is 'A'.
char option_letter(std::size_t option);

// The questions of all files in order.
//
// .json: a list of objects, or one object a line, with "question", "options" (one text with a line
// "(A) ..." per option, or a list, or an object by letter), "answer" ("(C)", "C", "C. text" or the
// option's text), and perhaps "context", "source", "language". The language of a file is the last
// known code in its stem: apollo_dev_ar is ar.
// .tsv: columns question, A, B, C, ..., answer, and perhaps language, context, source, id; escapes
// as in prompt files.
//
// UserError where a file as a whole cannot be read or holds no question at all.
QuestionSet read_question_files(const std::vector<std::string>& paths,
                                const QuestionOptions& options = {});

// "Which topic is this text about?": the texts' own topics (domain, or a column topic or category)
// are the options, in alphabetical order. UserError where a text has none, or all have the same.
QuestionSet topic_questions(std::span<const Prompt> texts);

}  // namespace alluvium
