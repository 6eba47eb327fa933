// Changes of the routing as they stand on a command line.
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/json.h"
#include "tests/support/program.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using test::quoted;
using test::run_program;

namespace {

const std::filesystem::path kModel = ALLUVIUM_SOURCE_DIR "/tests/golden/forward/apollo/checkpoint";

class Changes {
  public:
    Changes() {
        std::ofstream(folder_ / "p.jsonl") << R"({"ids":[1,5,9,3,7,2],"language":"fr"})"
                                           << "\n"
                                           << R"({"ids":[4,4,8,6],"language":"ar"})"
                                           << "\n";
    }

    test::ProgramResult run(const std::string& changes) const {
        return run_program("intervene " + quoted(kModel) + " --prompts " +
                           quoted(folder_ / "p.jsonl") + " -q --device cpu --controls 2 --json - " +
                           changes);
    }

    Json result(const std::string& changes) const {
        const auto done = run(changes);
        INFO(done.errors);
        REQUIRE(done.exit_code == 0);
        return Json::parse(done.output);
    }

  private:
    test::TemporaryFolder folder_;
};

std::vector<std::string> acting(const Json& result) {
    std::vector<std::string> words;
    for (const Json& change : result["interventions"]) words.push_back(change["words"]);
    return words;
}

}  // namespace

TEST_CASE("several changes act together, each with the settings behind it", "[model]") {
    const Changes changes;
    const Json result = changes.result(
        "--ablate 1:3 --how drop --force 2:5 --languages fr --boost 2:1 --lambda 2 "
        "--ablate 1:4 --positions 1..3");
    CHECK(acting(result) == std::vector<std::string>{"drop 1:3", "force 2:5, languages fr",
                                                     "boost 2:1 (lambda 2)",
                                                     "reroute 1:4, positions 1..3"});
    CHECK(result["operator"] == "drop + force + boost + reroute");
    CHECK(result["targets"] == Json::parse("[[1,3],[1,4],[2,1],[2,5]]"));
    CHECK(result["controls"].size() == 2);
    CHECK(result["controls"][0]["experts"].size() == 4);
    CHECK(result["groups"]["fr"]["kl"].get<double>() > 0);
}

TEST_CASE("settings in front of the changes are for all of them", "[model]") {
    const Changes changes;
    const Json result =
        changes.result("--languages ar --how mean --ablate 1:3 --force 2:5 --languages fr");
    CHECK(acting(result) ==
          std::vector<std::string>{"mean 1:3, languages ar", "force 2:5, languages fr"});
}

TEST_CASE("a single change is told as it always was, wherever its settings stand", "[model]") {
    const Changes changes;
    const Json front = changes.result("--how drop --languages fr --ablate 1:3");
    const Json behind = changes.result("--ablate 1:3 --languages fr --how drop");
    CHECK(front == behind);
    CHECK(front["operator"] == "drop");
    CHECK(front["targets"] == Json::parse("[[1,3]]"));
    CHECK(front["rows"]["languages"] == Json::parse(R"(["fr"])"));
    // Arabic is not changed.
    CHECK(front["groups"]["ar"]["kl"] == 0.0);
}

TEST_CASE("changes that cannot be made are refused with the reason", "[model]") {
    const Changes changes;
    const auto told = [&](const std::string& words, const std::string& why) {
        const auto done = changes.run(words);
        CHECK(done.exit_code == 2);
        CHECK_THAT(done.errors, ContainsSubstring(why));
    };
    told("--languages fr", "nothing to change");
    told("--force 2:5 --how drop", "--how stands behind --force");
    told("--ablate 1:3 --swap fr:ar --languages fr", "--languages stands behind --swap");
    told("--languages fr --swap fr:ar", "changes its first language only");
    told("--ablate 1:3 --force 1:3", "expert 3 is a target of reroute and of force");
    told("--boost 1:3 --lambda high", "high");
}
