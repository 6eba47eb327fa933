#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/files.h"
#include "base/json.h"
#include "tests/support/program.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kCheckpoint = ALLUVIUM_SOURCE_DIR "/tests/golden/evaluate/checkpoint";

const std::string kQuestions = R"json([
    {"question": "Where?", "options": "(A) here\n(B) there", "answer": "(B)"},
    {"question": "Which?", "options": "(A) this\n(B) that\n(C) none", "answer": "(AB)"},
    {"question": "Who?", "options": "(A) you\n(B) I", "answer": "(A)"}])json";

const std::string kSeveralRight = R"json([
    {"question": "Which?", "options": "(A) this\n(B) that\n(C) none", "answer": "(AB)"}])json";

const std::string kTexts =
    "text\tlanguage\tdomain\n"
    "Where does it hurt?\ten\thealth\n"
    "A train to Rome.\ten\ttravel\n"
    "Un train pour Rome.\tfr\ttravel\n";

// The folder that holds both files, and a run on it.
class Inputs {
  public:
    Inputs() {
        write_file_atomically(folder_ / "exam_en.json", kQuestions);
        write_file_atomically(folder_ / "texts.tsv", kTexts);
    }
    std::string questions() const { return test::quoted(folder_ / "exam_en.json"); }
    std::string texts() const { return test::quoted(folder_ / "texts.tsv"); }
    std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  private:
    test::TemporaryFolder folder_;
};

test::ProgramResult evaluate(const std::string& arguments) {
    return test::run_program("evaluate " + test::quoted(kCheckpoint) + " --threads 1 " + arguments);
}

}  // namespace

TEST_CASE("evaluate prints JSON alone, in which all records are accounted for", "[model]") {
    const Inputs inputs;
    const test::ProgramResult result =
        evaluate("--questions " + inputs.questions() + " --text " + inputs.texts() + " --topics " +
                 inputs.texts() + " --json");
    REQUIRE(result.exit_code == 0);
    const Json json = Json::parse(result.output);
    const Json& english = json.at("languages").at("en");
    CHECK(english.at("questions") == 2);
    CHECK(english.at("invalid") == 1);
    CHECK(english.at("unanswered") == 0);
    CHECK(json.at("major").at("languages") == 1);
    CHECK(json.at("minor").is_null());
    CHECK(json.at("topics").at("languages").at("en").at("questions") == 2);
    CHECK(json.at("topics").at("guessing") == 0.5);
    CHECK(json.at("texts").at("languages").at("fr").at("bytes") == 19);
    CHECK_THAT(result.errors, ContainsSubstring("exam_en:2: the answer \"(AB)\" names 2 options"));
}

TEST_CASE("Only the published protocol shows the published figures", "[model]") {
    const Inputs inputs;
    // Two questions: a model of random weights answers with all the tokens that it may.
    const std::string questions = "--limit 2 --questions " + inputs.questions();
    CHECK_THAT(evaluate(questions).output, !ContainsSubstring("Apollo-MoE"));
    const test::ProgramResult apollo =
        evaluate(questions + " --protocol apollo --csv " + test::quoted(inputs.file("scores.csv")));
    REQUIRE(apollo.exit_code == 0);
    CHECK_THAT(apollo.output, ContainsSubstring("Apollo-MoE") && ContainsSubstring("Table 4"));
    // Its protocol takes the first of several right letters, so that it is asked.
    CHECK_THAT(read_file(inputs.file("scores.csv")), ContainsSubstring("questions,en,2,"));
}

TEST_CASE("evaluate says what is wrong before it loads a checkpoint", "[model]") {
    const test::ProgramResult nothing = evaluate("");
    CHECK(nothing.exit_code == 2);
    CHECK_THAT(nothing.errors, ContainsSubstring("--questions F..."));
    const Inputs inputs;
    const test::ProgramResult table =
        test::run_program("evaluate nowhere --questions " + inputs.texts());
    CHECK(table.exit_code == 2);
    CHECK_THAT(table.errors, ContainsSubstring("no column 'question'"));
}

TEST_CASE("corpus counts tokens by language and draws them", "[model]") {
    const Inputs inputs;
    const test::ProgramResult result =
        test::run_program("corpus " + inputs.texts() + " --tokenizer " + test::quoted(kCheckpoint) +
                          " -o " + test::quoted(inputs.file("corpus.svg")) + " --json");
    REQUIRE(result.exit_code == 0);
    const Json json = Json::parse(result.output);
    CHECK(json.at("languages").at("en").at("texts") == 2);
    CHECK(json.at("languages").at("fr").at("bytes") == 19);
    CHECK(json.at("total").at("tokens") > 10);
    CHECK(json.at("sources").at("texts").at("texts") == 3);
    CHECK_THAT(read_file(inputs.file("corpus.svg")), ContainsSubstring("</svg>"));
}
