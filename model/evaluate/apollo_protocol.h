#pragma once
// How the published Apollo-MoE figures were measured: their prompts with three solved questions of
// the same benchmark in front, a greedy answer, and their reading of a letter from it
// (assets/protocols/apollo.json names the source).
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "model/evaluate/question.h"

namespace alluvium {

class ApolloProtocol {
  public:
    // UserError where the file is missing or malformed.
    static ApolloProtocol load();
    explicit ApolloProtocol(const Json& definition);

    // The whole prompt of a question. Which other questions of its source stand in front is drawn
    // from the seed and the question's place; one that would make the prompt too long is left out.
    // Nothing where the question alone is too long: the published evaluation skips it too.
    std::optional<std::string> prompt(const QuestionSet& set, std::size_t question,
                                      std::uint64_t seed) const;

    std::int64_t min_new_tokens() const { return min_new_tokens_; }
    std::int64_t max_new_tokens() const { return max_new_tokens_; }
    std::size_t max_characters() const { return max_characters_; }

  private:
    struct Form {
        std::string ask, shot;
    };
    const Form& form_of(const Question& question) const;

    std::map<std::string, Form> forms_;  // by language code
    Form with_context_;
    std::size_t shots_ = 0;
    std::size_t max_characters_ = 0;
    std::int64_t min_new_tokens_ = 0;
    std::int64_t max_new_tokens_ = 0;
};

// The first line of an answer that is not empty, or all of it.
std::string_view first_full_line(std::string_view answer);

// Whether what follows cannot change the first line any more.
bool has_full_line(std::string_view answer);

// The option that an answer names: the letter A to F that stands most often in brackets in its
// first line, Latin or Arabic, else that occurs most often at all; "Yes." is A and "No." is B.
// Equal counts: the letter met first. Nothing where there is none.
std::optional<std::size_t> apollo_answer(std::string_view answer);

}  // namespace alluvium
