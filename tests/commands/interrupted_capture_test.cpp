// Ctrl-C ends a capture cleanly, and --resume goes on to a file equal to that of an uninterrupted run.
#include <catch2/catch_test_macros.hpp>

#include "captures/routing_trace.h"
#include "tests/support/program.h"

using namespace alluvium;
using test::quoted;

namespace {

const std::filesystem::path kSpecimen = ALLUVIUM_BINARY_DIR "/assets/specimen-untrained";
const std::filesystem::path kPrompts = ALLUVIUM_SOURCE_DIR "/assets/prompts/majors.tsv";

// One prompt a batch and fixed tiles: slow enough to be interrupted.
std::string line(const std::filesystem::path& trace, const std::string& more = {}) {
    return "capture " + quoted(kSpecimen) + " --prompts " + quoted(kPrompts) + " -o " + quoted(trace) +
           " -q --batch-tokens 1 --batch-invariant " + more;
}

std::size_t done_prompts(const RoutingTrace& trace) {
    std::size_t done = 0;
    for (const std::uint8_t d : trace.header().prompts.done) done += d;
    return done;
}

}  // namespace

TEST_CASE("an interrupted capture opens, says what is missing, and is completed to the same rows",
          "[model]") {
    const test::TemporaryFolder folder;
    REQUIRE(test::run_program(line(folder / "whole.h5")).exit_code == 0);
    const auto cut = folder / "cut.h5";
    // The interrupt comes as soon as the first rows are there.
    const auto interrupted = test::run_program(
        line(cut) + " & pid=$!; while [ ! -s " + quoted(cut) +
        " ]; do sleep 0.01; done; sleep 0.1; kill -INT $pid; wait $pid");
    INFO(interrupted.errors);
    if (interrupted.exit_code == 0) SKIP("the capture was over before the interrupt came");
    CHECK(interrupted.exit_code == 1);

    const TracePtr partial = open_trace(cut);
    CHECK(done_prompts(*partial) < partial->header().prompts.size());
    CHECK_FALSE(partial->header().warnings.empty());

    REQUIRE(test::run_program(line(cut, "--resume")).exit_code == 0);
    const TracePtr whole = open_trace(folder / "whole.h5");
    const TracePtr resumed = open_trace(cut);
    CHECK(done_prompts(*resumed) == resumed->header().prompts.size());
    const TokenRange all{0, whole->header().token_count};
    for (std::size_t layer = 0; layer < whole->layers().size(); ++layer) {
        CHECK(whole->experts(layer, all) == resumed->experts(layer, all));
        CHECK(whole->logits(layer, all) == resumed->logits(layer, all));
        CHECK(whole->weights(layer, all) == resumed->weights(layer, all));
        CHECK(whole->margin(layer, all) == resumed->margin(layer, all));
    }
}
