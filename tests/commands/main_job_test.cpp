// The main job as a person does it: a checkpoint goes in, its routing comes out as a trace, a
// picture and a verdict. The checkpoint is the specimen that the build makes.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/files.h"
#include "base/json.h"
#include "captures/routing_trace.h"
#include "tests/support/program.h"

using namespace alluvium;
using Catch::Matchers::ContainsSubstring;
using test::quoted;
using test::run_program;

namespace {

const std::filesystem::path kSpecimen = ALLUVIUM_BINARY_DIR "/assets/specimen-untrained";
const std::filesystem::path kPrompts = ALLUVIUM_SOURCE_DIR "/assets/prompts/first.tsv";

std::string capture_line(const std::filesystem::path& trace, const std::string& more = {}) {
    return "capture " + quoted(kSpecimen) + " --prompts " + quoted(kPrompts) + " -o " + quoted(trace) +
           " -q " + more;
}

}  // namespace

TEST_CASE("a checkpoint becomes a trace, a verdict and three pictures", "[model]") {
    const test::TemporaryFolder folder;
    const auto trace = folder / "t.h5";
    const auto captured = run_program(capture_line(trace, "--json -"));
    REQUIRE(captured.exit_code == 0);
    const Json summary = Json::parse(captured.output);
    CHECK(summary["prompts"] == 144);
    CHECK(summary["tokens"].get<int>() > 144);

    CHECK(run_program("check -q " + quoted(trace)).exit_code == 0);

    const auto analyzed = run_program("analyze " + quoted(trace) + " --json --circuit mass:0.5 -q");
    REQUIRE(analyzed.exit_code == 0);
    const Json analysis = Json::parse(analyzed.output);
    CHECK(analysis["groups"].size() == 12);
    CHECK(analysis["layers"].size() == 8);
    CHECK(analysis["sample"]["prompt_set_name"] == "first");
    CHECK_THAT(analysis["verdict"]["sentence"].get<std::string>(),
               ContainsSubstring("of the prompt set 'first' (" +
                                 analysis["sample"]["prompt_set"].get<std::string>() + ")"));
    CHECK_FALSE(analysis["circuit"]["nodes"].empty());

    for (const std::string figure : {"heatmap", "divergence", "circuit"}) {
        for (const std::string ending : {"svg", "pdf", "png"}) {
            const auto picture = folder / (figure + "." + ending);
            const auto drawn = run_program("render " + figure + " " + quoted(trace) + " -o " +
                                           quoted(picture) + " -q --scale 1");
            INFO(drawn.errors);
            CHECK(drawn.exit_code == 0);
            CHECK(std::filesystem::file_size(picture) > 1000);
        }
    }
}

TEST_CASE("a capture records routers that learned nothing beside the learned ones", "[model]") {
    const test::TemporaryFolder folder;
    const auto trace = folder / "t.h5";
    REQUIRE(run_program(capture_line(trace, "--limit 12 --random-router 3")).exit_code == 0);
    CHECK(run_program("check -q " + quoted(trace)).exit_code == 0);
    const TracePtr opened = open_trace(trace.string());
    REQUIRE(opened->header().layers.front().random_routers == 3);
    const TokenRange all{0, static_cast<TokenPos>(opened->header().token_count)};
    CHECK_FALSE(opened->random_experts(0, 0, all) == opened->random_experts(0, 1, all));
}

TEST_CASE("inspect and tokenize say what the contract promises", "[model]") {
    const Json inspected = Json::parse(run_program("inspect --json " + quoted(kSpecimen)).output);
    CHECK(inspected["family"] == "upcycling-qwen2-moe");
    CHECK(inspected["layers"].size() == 8);
    CHECK(inspected["layers"][3]["kind"] == "moe");
    CHECK(inspected["layers"][3]["experts"] == 12);
    CHECK(inspected["layers"][3]["top_k"] == 2);
    CHECK(inspected["router"]["renormalise"] == false);
    CHECK(inspected["tokenizer"]["vocab_size"] == 257);
    CHECK(inspected["problems"].empty());

    // One token per byte: "é" is 0xc3 0xa9, and both cover the whole character.
    const Json tokens = Json::parse(run_program("tokenize " + quoted(kSpecimen) + " 'aé'").output);
    CHECK(tokens["ids"] == Json({0x61, 0xc3, 0xa9}));
    CHECK(tokens["begin"] == Json({0, 1, 1}));
    CHECK(tokens["end"] == Json({1, 3, 3}));
}

TEST_CASE("every way to batch the prompts gives the same bits with --batch-invariant", "[model]") {
    const test::TemporaryFolder folder;
    const std::string fields = "--batch-invariant --precision f32 --limit 24 ";
    REQUIRE(run_program(capture_line(folder / "a.h5", fields + "--batch-tokens 100000")).exit_code == 0);
    REQUIRE(run_program(capture_line(folder / "b.h5", fields + "--batch-tokens 1")).exit_code == 0);
    const TracePtr a = open_trace(folder / "a.h5");
    const TracePtr b = open_trace(folder / "b.h5");
    const TokenRange all{0, a->header().token_count};
    REQUIRE(all.end == b->header().token_count);
    for (std::size_t layer = 0; layer < a->layers().size(); ++layer) {
        CHECK(a->experts(layer, all) == b->experts(layer, all));
        CHECK(a->logits(layer, all) == b->logits(layer, all));
        CHECK(a->weights(layer, all) == b->weights(layer, all));
    }
}

TEST_CASE("a finished capture resumes to nothing, and an existing file is not overwritten", "[model]") {
    const test::TemporaryFolder folder;
    const auto trace = folder / "t.h5";
    REQUIRE(run_program(capture_line(trace, "--limit 12")).exit_code == 0);
    const std::string before = read_file(trace);
    CHECK(run_program(capture_line(trace, "--limit 12 --resume")).exit_code == 0);
    CHECK(read_file(trace) == before);
    const auto refused = run_program(capture_line(trace, "--limit 12"));
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.errors, ContainsSubstring("exists") && ContainsSubstring("hint: "));
    // Other prompts must not be poured into the same file.
    CHECK(run_program(capture_line(trace, "--limit 24 --resume")).exit_code == 2);
}

TEST_CASE("what a person gets wrong ends in exit code 2 with an error and a hint") {
    for (const std::string arguments :
         {"inspect /no/such/folder", "capture", "analyze no.h5", "render heatmap no.h5 -o x.svg",
          "render heatmap no.h5 -o x.bmp", "import no-such-format x.json -o x.h5", "frobnicate",
          "prompts --from tico19 /no/such/folder -o x.tsv", "check no.h5", "tokenize /no/such/folder hi"}) {
        const auto result = run_program(arguments);
        INFO(arguments << "\n" << result.errors);
        CHECK(result.exit_code == 2);
        CHECK_THAT(result.errors, ContainsSubstring("error: "));
    }
}

TEST_CASE("every subcommand explains itself with examples") {
    const auto help = run_program("--help");
    CHECK(help.exit_code == 0);
    for (const std::string name : {"open", "inspect", "tokenize", "capture", "analyze", "render",
                                   "prompts", "import", "check", "doctor"}) {
        CHECK_THAT(help.output, ContainsSubstring(name));
        CHECK_THAT(run_program(name + " --help").output, ContainsSubstring("Examples:"));
    }
}

TEST_CASE("doctor gives JSON with what scripts rely on", "[model]") {
    const Json doctor = Json::parse(run_program("doctor --json").output);
    CHECK(doctor["cpu"]["cores"].get<int>() >= 1);
    CHECK(doctor["gpu"].is_array());
    CHECK(doctor["torch"].is_string());
    CHECK(doctor.contains("display"));
    CHECK(doctor["fonts"].is_object());
}

TEST_CASE("the bundled counts of Qwen3-30B-A3B are read as U-shaped") {
    const auto result = run_program(
        "analyze " + quoted(ALLUVIUM_SOURCE_DIR "/captures/examples/qwen3-30b-a3b-mgsm.h5") + " --json -q");
    REQUIRE(result.exit_code == 0);
    const Json analysis = Json::parse(result.output);
    CHECK(analysis["verdict"]["pattern"] == "u_shaped");
    CHECK(analysis["verdict"]["basis"] == "descriptive");
    CHECK(analysis["layers"].size() == 48);
    CHECK(analysis["layers"][0]["divergence"]["corrected"].is_null());
}
