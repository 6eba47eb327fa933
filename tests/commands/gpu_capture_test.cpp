// The program on the GPU against the program on the CPU: whole captures, as a person makes them.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "base/json.h"
#include "captures/routing_trace.h"
#include "tests/support/program.h"

using namespace alluvium;
using test::quoted;
using test::run_program;

namespace {

void skip_without_gpu() {
    const Json doctor = Json::parse(run_program("doctor --json").output);
    if (doctor["gpu_module"]["loaded"].get<bool>()) return;
    SKIP("needs a GPU: " + doctor["gpu_module"]["reason"].get<std::string>());
}

TracePtr capture_on(const std::string& device, const std::filesystem::path& trace) {
    const auto result =
        run_program("capture " + quoted(ALLUVIUM_BINARY_DIR "/assets/specimen-untrained") +
                    " --prompts " + quoted(ALLUVIUM_SOURCE_DIR "/assets/prompts/first.tsv") +
                    " --limit 24 --dtype f32 -q " + "--device " + device + " -o " + quoted(trace));
    INFO(result.errors);
    REQUIRE(result.exit_code == 0);
    return open_trace(trace);
}

struct Agreement {
    std::uint64_t compared = 0;
    std::uint64_t different = 0;  // of those: another choice although the margin is clear
    std::uint64_t left_out = 0;   // behind a near tie that went the other way
};

// A near tie that goes the other way changes its prompt from the next layer on: tokens attend to
// each other.
Agreement compare(const RoutingTrace& a, const RoutingTrace& b) {
    constexpr float kNearTie = 1e-4F;
    const TokenTable tokens = a.tokens({0, a.header().token_count});
    std::vector<char> apart(a.header().prompts.size(), 0);
    Agreement result;
    for (std::size_t layer = 0; layer < a.layers().size(); ++layer) {
        const TokenRange all{0, a.header().token_count};
        const Grid<ExpertId> x = a.experts(layer, all);
        const Grid<ExpertId> y = b.experts(layer, all);
        const std::vector<float> margin = a.margin(layer, all);
        std::vector<char> apart_next = apart;
        for (std::size_t t = 0; t < tokens.size(); ++t) {
            if (apart[tokens.prompt[t]] != 0) {
                ++result.left_out;
                continue;
            }
            ++result.compared;
            if (std::ranges::is_permutation(x.row(t), y.row(t))) continue;
            apart_next[tokens.prompt[t]] = 1;
            if (margin[t] > kNearTie) ++result.different;
        }
        apart = apart_next;
    }
    return result;
}

}  // namespace

TEST_CASE("a capture on the GPU chooses the experts that one on the CPU chooses", "[model][gpu]") {
    skip_without_gpu();
    const test::TemporaryFolder folder;
    const TracePtr cpu = capture_on("cpu", folder / "cpu.h5");
    const TracePtr gpu = capture_on("cuda", folder / "gpu.h5");
    CHECK(gpu->header().model.device == "cuda:0");
    REQUIRE(cpu->header().token_count == gpu->header().token_count);
    const Agreement agreement = compare(*cpu, *gpu);
    CHECK(agreement.different == 0);
    // Near ties are rare: a comparison that leaves out half has compared nothing.
    CHECK(agreement.compared > agreement.left_out);
}

// Shows on every machine that the comparison above compares: both ways of computing run here.
TEST_CASE("captures by both ways of computing on the CPU choose the same experts", "[model]") {
    const test::TemporaryFolder folder;
    const TracePtr plain = capture_on("cpu", folder / "plain.h5");
    const TracePtr tiled = capture_on("cpu --batch-invariant", folder / "tiled.h5");
    const Agreement agreement = compare(*plain, *tiled);
    CHECK(agreement.different == 0);
    CHECK(agreement.compared > agreement.left_out);
}

TEST_CASE("a GPU that is not there is refused with the reason", "[model]") {
    const Json doctor = Json::parse(run_program("doctor --json").output);
    if (doctor["gpu_module"]["loaded"].get<bool>()) SKIP("this machine has a GPU");
    const auto refused = run_program(
        "capture " + quoted(ALLUVIUM_BINARY_DIR "/assets/specimen-untrained") + " --prompts " +
        quoted(ALLUVIUM_SOURCE_DIR "/assets/prompts/first.tsv") + " --device cuda -o t.h5");
    INFO(refused.errors);
    CHECK(refused.exit_code == 2);
    CHECK(refused.errors.find(doctor["gpu_module"]["reason"].get<std::string>()) !=
          std::string::npos);
}
