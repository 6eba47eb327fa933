#include "model/evaluate/question.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/reference_data.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;

namespace {

// One file of this name and content, read.
QuestionSet read(const std::string& name, const std::string& content,
                 const QuestionOptions& options = {}) {
    const test::TemporaryFolder folder;
    const std::string path = (folder / name).string();
    write_file_atomically(path, content);
    return read_question_files({path}, options);
}

const std::string kGood =
    R"json({"question": "Q?", "options": "(A) one\n(B) two", "answer": "(B)"})json";

}  // namespace

TEST_CASE("A question is read from each shape of options and answers") {
    const QuestionSet set = read("exam_fr.json", R"json([
        {"question": "Q?", "options": "(A) one.\n(B) two\nlines\n(C) three", "answer": "(C)",
         "source": "exam", "context": "Given."},
        {"question": "Q?", "options": ["one", "two"], "answer": "B"},
        {"question": "Q?", "options": {"A": "one", "B": "two"}, "answer": "A. one"},
        {"question": "Q?", "options": "A. one\nB. two", "answer": "two", "language": "pt_BR"}])json");
    REQUIRE(set.questions.size() == 4);
    CHECK(set.unreadable.empty());
    const Question& first = set.questions[0];
    CHECK(first.options == std::vector<std::string>{"one.", "two\nlines", "three"});
    CHECK(first.answer == 2);
    CHECK(first.language == "fr");
    CHECK(first.source == "exam");
    CHECK(first.context == "Given.");
    CHECK(first.id == "exam_fr:1");
    CHECK(set.questions[1].answer == 1);
    CHECK(set.questions[2].answer == 0);
    CHECK(set.questions[3].answer == 1);
    CHECK(set.questions[3].language == "pt");
}

TEST_CASE("A record that is no question is counted and named, the others are read") {
    const QuestionSet set = read("q_en.json", "[" + kGood + R"json(,
        {"question": "Q?", "options": "(A) one\n(B) two\n(C) three", "answer": "(AC)"},
        {"question": "Q?", "options": "(A) one\n(B) two"},
        {"question": "Q?", "options": "(A) one\n(B) two", "answer": "(D)"},
        {"question": "Q?", "options": "one\ntwo", "answer": "(A)"},
        {"question": "Q?", "options": "(A) one\n(B)", "answer": "(A)"},
        {"options": "(A) one\n(B) two", "answer": "(A)"},
        "text"])json");
    CHECK(set.questions.size() == 1);
    REQUIRE(set.unreadable.size() == 7);
    CHECK(set.unreadable[0].id == "q_en:2");
    CHECK(set.unreadable[0].language == "en");
    CHECK(set.unreadable[0].reason == "the answer \"(AC)\" names 2 options");
    CHECK(set.unreadable[1].reason == "no answer");
    CHECK_THAT(set.unreadable[2].reason, ContainsSubstring("names none of its 2 options"));
    CHECK_THAT(set.unreadable[3].reason, ContainsSubstring("do not begin with \"(A)\""));
    CHECK(set.unreadable[4].reason == "option B is empty");
    CHECK(set.unreadable[5].reason == "no question");
    CHECK(set.unreadable[6].reason == "it is no object");
}

TEST_CASE("The published protocol takes the first of several right letters") {
    const std::string record =
        R"json([{"question": "Q?", "options": "(A) one\n(B) two\n(C) three", "answer": "(BC)"}])json";
    const QuestionSet set = read("q_zh.json", record, {.several = SeveralAnswers::first});
    REQUIRE(set.questions.size() == 1);
    CHECK(set.questions[0].answer == 1);
}

TEST_CASE("A limit takes the first records of each file, readable or not") {
    const std::string bad = R"({"question": "Q?"})";
    const QuestionSet set =
        read("q_en.json", "[" + kGood + "," + bad + "," + kGood + "]", {.limit = 2});
    CHECK(set.questions.size() == 1);
    CHECK(set.unreadable.size() == 1);
}

TEST_CASE("Questions are read from lines of JSON and from tables") {
    CHECK(read("q_en.jsonl", kGood + "\n\n" + kGood + "\n").questions.size() == 2);
    const QuestionSet table = read("q.tsv",
                                   "question\tA\tB\tC\tanswer\tlanguage\n"
                                   "Two\\nlines?\tone\ttwo\tthree\tC\tfra_Latn\n"
                                   "Q?\tyes\tno\t\tno\tde\n");
    REQUIRE(table.questions.size() == 2);
    CHECK(table.questions[0].text == "Two\nlines?");
    CHECK(table.questions[0].answer == 2);
    CHECK(table.questions[0].language == "fr");
    CHECK(table.questions[1].options.size() == 2);
    CHECK(table.questions[1].answer == 1);
}

TEST_CASE("A file that holds no question at all is refused with the reason") {
    CHECK_THROWS_WITH(read("q_en.json", R"json([{"question": "Q?"}])json"),
                      ContainsSubstring("q_en:1: no \"options\""));
    CHECK_THROWS_WITH(read("q_en.json", "[]"), ContainsSubstring("holds no question"));
    CHECK_THROWS_WITH(read("q_en.csv", "x"), ContainsSubstring("unknown ending '.csv'"));
    CHECK_THROWS_WITH(read("q.tsv", "text\tlanguage\nx\ten\n"),
                      ContainsSubstring("no column 'question'"));
}

TEST_CASE("Topics of texts become the options") {
    Prompt health, travel;
    health.id = "a";
    health.text = "It hurts.";
    health.language = "en";
    health.domain = "health";
    travel.text = "Il part.";
    travel.language = "fr";
    travel.extra["category"] = "travel";
    const std::vector<Prompt> texts{health, travel};
    const QuestionSet set = topic_questions(texts);
    REQUIRE(set.questions.size() == 2);
    CHECK(set.questions[1].options == std::vector<std::string>{"health", "travel"});
    CHECK(set.questions[1].answer == 1);
    CHECK(set.questions[1].language == "fr");
    health.domain.clear();
    CHECK_THROWS_WITH(topic_questions(std::vector<Prompt>{health, travel}),
                      ContainsSubstring("text 'a' has no topic"));
}

TEST_CASE("The published questions are read, but for those with several right answers") {
    const auto data = test::reference_data();
    if (!data) SKIP("no reference data");
    std::vector<std::string> paths;
    for (const char* code : {"ar", "en", "es", "fr", "hi", "zh"}) {
        paths.push_back(
            (*data / "medical_mcq" / ("apollo_dev_" + std::string(code) + ".json")).string());
    }
    // Counted with another program: 54 + 416 + 137 + 16 + 54 + 437 records, four Chinese ones with
    // answers such as "(ACE)".
    const QuestionSet set = read_question_files(paths);
    CHECK(set.questions.size() == 1110);
    REQUIRE(set.unreadable.size() == 4);
    for (const UnreadableRecord& record : set.unreadable) CHECK(record.language == "zh");
}
