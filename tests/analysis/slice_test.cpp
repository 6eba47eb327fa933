#include "analysis/slices/slice.h"

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"

using namespace alluvium;

namespace {

// The tree in brackets, so that a test sees what binds to what.
std::string tree(const SliceNode& node) {
    const auto joined = [&](const std::string& word) {
        std::string text = "(";
        for (const SliceNode& child : node.children) {
            text += (text.size() > 1 ? " " + word + " " : "") + tree(child);
        }
        return text + ")";
    };
    switch (node.kind) {
        case SliceNode::Kind::all_of:
            return joined("and");
        case SliceNode::Kind::any_of:
            return joined("or");
        case SliceNode::Kind::negation:
            return "not " + tree(node.children.front());
        case SliceNode::Kind::route: {
            std::string text;
            for (const RouteStep& step : node.steps) {
                text += (text.empty() ? "L" : " L") + std::to_string(step.layer);
                for (const ExpertId e : step.experts) text += ":" + std::to_string(e);
            }
            return text;
        }
        case SliceNode::Kind::compare:
            break;
    }
    const char* const op[] = {"=", "!=", "<", "<=", ">", ">="};
    std::string text = node.column + op[static_cast<int>(node.op)];
    for (const SliceValue& value : node.values) text += "[" + value.text + "]";
    return text;
}

std::string parsed(const std::string& text) {
    return tree(parse_slice(text).root);
}

// The line of the error that marks the place.
std::string mark(const std::string& text) {
    try {
        parse_slice(text);
    } catch (const UserError& e) {
        const std::string what = e.what();
        return what.substr(what.rfind('\n') + 3);
    }
    return "parsed";
}

}  // namespace

TEST_CASE("A slice binds not before and before or") {
    CHECK(parsed("a=1 or b=2 and not c=3") == "(a=[1] or (b=[2] and not c=[3]))");
    CHECK(parsed("(a=1 or b=2) AND c!=3") == "((a=[1] or b=[2]) and c!=[3])");
    CHECK(parsed("not not a<=1") == "not not a<=[1]");
}

TEST_CASE("A slice compares with words, quoted words and lists") {
    CHECK(parsed("language in (fr, 'zh-Hant')") == "language=[fr][zh-Hant]");
    CHECK(parsed("language not in (fr)") == "not language=[fr]");
    CHECK(parsed("'my column' == \"it's\"") == "my column=[it's]");
    CHECK(parsed("id=majors:12") == "id=[majors:12]");
    CHECK(parsed("domain=médecine") == "domain=[médecine]");
    CHECK(parsed("position in (0..3,9)") == "position=[0..3][9]");
}

TEST_CASE("A route is steps of rising layers, with or without its name") {
    CHECK(parsed("L22:E3 then L23:E7 and language=fr") == "(L22:3 L23:7 and language=[fr])");
    CHECK(parsed("route(l2:e3|e5 THEN l4:e0)") == "L2:3:5 L4:0");
    CHECK(parsed("not L1:E0") == "not L1:0");
    CHECK(mark("L5:E1 then L5:E2") == "           ^^^^^");
    CHECK(mark("L5:E1 then x") == "           ^");
}

TEST_CASE("An error marks the place that is not understood") {
    CHECK(mark("language=") == "         ^");
    CHECK(mark("language fr") == "         ^^");
    CHECK(mark("a=1 b=2") == "    ^");
    CHECK(mark("(a=1 or b=2") == "           ^");
    CHECK(mark("a in fr") == "     ^^");
    CHECK(mark("a='fr") == "  ^^^");
    CHECK(mark("a!b") == " ^");
    CHECK(mark("") == "^");
    CHECK(mark("not") == "   ^");
    CHECK(mark("语言=法语 x") == "      ^");
    CHECK(mark(std::string(500, '(')) != "parsed");
}
