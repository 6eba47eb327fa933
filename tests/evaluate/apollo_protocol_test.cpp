#include "model/evaluate/apollo_protocol.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

namespace {

Question question(const std::string& text, const std::string& source) {
    Question result;
    result.language = "en";
    result.text = text;
    result.source = source;
    result.options = {"yes", "no"};
    result.answer = 1;
    return result;
}

const std::string kInstruction =
    "User:You are a medical doctor answering real-world medical exam questions. Select one correct "
    "answer from A to D.\n";

}  // namespace

TEST_CASE("A prompt of the published protocol has three solved questions of its source in front") {
    QuestionSet set;
    for (const char* text : {"Q0", "Q1", "Q2", "Q3", "Q4"}) {
        set.questions.push_back(question(text, "medqa"));
    }
    set.questions.push_back(question("other", "elsewhere"));
    const ApolloProtocol protocol = ApolloProtocol::load();
    const std::string prompt = protocol.prompt(set, 2, 1).value();
    const std::string asked = kInstruction + "Question: Q2\nOptions:\n(A) yes\n(B) no\nAssistant:";
    REQUIRE(prompt.ends_with(asked));
    std::string shots = prompt.substr(0, prompt.size() - asked.size());
    std::size_t count = 0;
    for (const char* text : {"Q0", "Q1", "Q3", "Q4"}) {
        const std::string shot = kInstruction + "Question: " + text +
                                 "\nOptions:\n(A) yes\n(B) no\nAssistant:The correct answer is "
                                 "(B).<|endoftext|>\n";
        if (shots.find(shot) != std::string::npos) ++count;
    }
    CHECK(count == 3);
    CHECK(prompt == protocol.prompt(set, 2, 1).value());
    // Nothing else of its source: nothing in front.
    CHECK(protocol.prompt(set, 5, 1).value().starts_with(kInstruction + "Question: other\n"));
}

TEST_CASE("Questions of other languages are asked as the published protocol asks them") {
    QuestionSet set;
    set.questions.push_back(question("Wo?", "x"));
    set.questions.back().language = "de";
    set.questions.push_back(question("Hvor?", "y"));
    set.questions.back().language = "da";
    set.questions.push_back(question("Why?", "pubmedqa"));
    set.questions.back().context = "Because {options}.";
    const ApolloProtocol protocol = ApolloProtocol::load();
    CHECK(protocol.prompt(set, 0, 1).value().starts_with("User:Sie sind ein Arzt"));
    CHECK(protocol.prompt(set, 1, 1).value().starts_with(kInstruction));
    // What stands in a question is never filled in itself.
    CHECK(protocol.prompt(set, 2, 1).value() ==
          "User:You are a medical doctor answering real-world medical exam questions.\nContext: "
          "Because {options}. \nQuestion: Why?\nOptions:\n(A) yes\n(B) no\nAssistant:");
}

TEST_CASE("A question that is too long is not asked, a solved one that is too long not shown") {
    QuestionSet set;
    for (int i = 0; i < 4; ++i) set.questions.push_back(question("Q", "medqa"));
    set.questions[0].text = std::string(4100, 'x');
    // 3,900 characters of two bytes each.
    for (int i = 0; i < 3900; ++i) set.questions[1].text += "é";
    const ApolloProtocol protocol = ApolloProtocol::load();
    CHECK_FALSE(protocol.prompt(set, 0, 1));
    CHECK(protocol.prompt(set, 1, 1).value().starts_with(kInstruction + "Question: Qé"));
    CHECK(protocol.prompt(set, 2, 1).value().find("xx") == std::string::npos);
}

// Expected letters by the published program's own rules, worked out by hand.
TEST_CASE("A letter is read from an answer as the published evaluation reads it") {
    CHECK(apollo_answer("The correct answer is (C).") == 2);
    CHECK(apollo_answer("(a) or (B)? (b)!") == 1);   // most often, whatever the case
    CHECK(apollo_answer("(D) not (A)") == 3);        // equally often: the first
    CHECK(apollo_answer("正确答案是（E）。") == 4);  // wide brackets
    CHECK(apollo_answer("\n\n(B)\n(C) (C)") == 1);   // the first line that holds anything
    CHECK(apollo_answer("الإجابة هي (ب") == 1);      // one bracket is enough in Arabic
    CHECK(apollo_answer("Die Antwort ist D") == 3);  // no brackets: two D against one A
    CHECK(apollo_answer("Yes.") == 0);
    CHECK(apollo_answer("No.") == 1);
    CHECK_FALSE(apollo_answer("yes"));
    CHECK_FALSE(apollo_answer(""));
    CHECK(apollo_answer("(F)") == 5);
    CHECK_FALSE(apollo_answer("(g)"));
}

TEST_CASE("An answer is long enough once its first full line has ended") {
    CHECK_FALSE(has_full_line("\n\nThe answer"));
    CHECK_FALSE(has_full_line(""));
    CHECK(has_full_line("\nThe answer\n"));
    CHECK(first_full_line("\nThe answer\nmore") == "The answer");
}
