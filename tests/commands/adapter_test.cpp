// A LoRA adapter over its base, through the program as a person runs it.
#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/json.h"
#include "captures/routing_trace.h"
#include "tests/support/program.h"

using namespace alluvium;
using test::quoted;
using test::run_program;

namespace {

const std::filesystem::path kGolden = ALLUVIUM_SOURCE_DIR "/tests/golden/convert/adapted";

TracePtr captured(const std::string& arguments, const std::filesystem::path& trace) {
    const auto result = run_program("capture " + arguments +
                                    " -q --device cpu --dtype f32 --precision f32 --record "
                                    "experts,weights,logits,nll -o " +
                                    quoted(trace));
    INFO(result.errors);
    REQUIRE(result.exit_code == 0);
    return open_trace(trace.string());
}

}  // namespace

TEST_CASE("a capture with --adapter is that of the converted checkpoint, and says so", "[model]") {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "p.jsonl") << R"({"ids":[1,5,9,3,7,2],"language":"fr"})"
                                      << "\n"
                                      << R"({"ids":[4,4,8,6],"language":"ar"})"
                                      << "\n";
    const std::string prompts = " --prompts " + quoted(folder / "p.jsonl");
    const std::string adapter = " --adapter " + quoted(kGolden / "adapter");
    REQUIRE(run_program("convert " + quoted(kGolden / "base") + adapter + " -q -o " +
                        quoted(folder / "merged"))
                .exit_code == 0);
    const TracePtr merged = captured(quoted(folder / "merged") + prompts, folder / "merged.h5");
    const TracePtr adapted =
        captured(quoted(kGolden / "base") + adapter + prompts, folder / "adapted.h5");
    const TracePtr base = captured(quoted(kGolden / "base") + prompts, folder / "base.h5");

    const TokenRange all{0, merged->header().token_count};
    REQUIRE_FALSE(merged->layers().empty());
    bool base_differs = false;
    for (std::size_t layer = 0; layer < merged->layers().size(); ++layer) {
        CHECK(adapted->experts(layer, all) == merged->experts(layer, all));
        CHECK(adapted->weights(layer, all) == merged->weights(layer, all));
        CHECK(adapted->logits(layer, all) == merged->logits(layer, all));
        base_differs = base_differs || !(base->logits(layer, all) == merged->logits(layer, all));
    }
    CHECK(base_differs);
    CHECK(adapted->header().model.name == "base + adapter");
    CHECK(adapted->header().model.lineage == merged->header().model.lineage);
    CHECK_THAT(adapted->header().model.lineage,
               Catch::Matchers::ContainsSubstring("merge_adapter"));
    CHECK(adapted->header().model.checkpoint_id != base->header().model.checkpoint_id);
}

TEST_CASE("an adapter is refused where there is nothing to merge it into", "[model]") {
    const auto config = run_program("inspect " + quoted(kGolden / "base/config.json") +
                                    " --adapter " + quoted(kGolden / "adapter"));
    CHECK(config.exit_code == 2);
    CHECK_THAT(config.errors, Catch::Matchers::ContainsSubstring("--adapter needs the tensors"));
    const auto missing =
        run_program("inspect " + quoted(kGolden / "base") + " --adapter /no/such/folder");
    CHECK(missing.exit_code == 2);
}
