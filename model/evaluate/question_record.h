#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "model/evaluate/question.h"

namespace alluvium {

// One record as a question. UserError says what about it cannot be read.
Question question_from_json(const Json& record, SeveralAnswers several);

// "(A) ..." per line, or "A. ...": what stands behind the letters. UserError where they do not run
// from A without a gap.
std::vector<std::string> split_options(const std::string& text);

// The options that an answer names: one letter per option, "(ACE)", "C", "C. text", or the text of
// an option. Ascending; UserError where it names none of them.
std::vector<std::size_t> named_options(const std::string& answer,
                                       const std::vector<std::string>& options);

// Fills in the right option. UserError: fewer than two options, an empty one, no answer.
void set_answer(Question& question, const std::string& answer, SeveralAnswers several);

}  // namespace alluvium
