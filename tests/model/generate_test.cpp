// capture --generate: what a model says after a prompt, with its routing, in rows reserved for it.
#include "base/error.h"
#include "captures/routing_trace.h"
#include "model/capture/capture.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

constexpr std::uint32_t kMost = 6;

Prompt ids_prompt(const std::string& id, std::vector<std::uint32_t> ids) {
    Prompt prompt;
    prompt.id = id;
    prompt.language = "fr";
    prompt.ids = std::move(ids);
    return prompt;
}

const std::vector<Prompt>& prompts() {
    static const std::vector<Prompt> all = {ids_prompt("a", {40, 41, 42, 43}),
                                            ids_prompt("b", {60}),
                                            ids_prompt("c", {50, 51, 52, 53, 54, 55, 56})};
    return all;
}

Engine engine() {
    return load_engine(ALLUVIUM_SOURCE_DIR "/tests/golden/evaluate/checkpoint",
                       {.device = "cpu", .dtype = "f32", .threads = 1});
}

CaptureOptions in_f32(std::uint32_t generate) {
    CaptureOptions options;
    options.precision = Precision::f32;
    options.generate = generate;
    return options;
}

TracePtr captured(const Engine& model, const std::vector<Prompt>& asked,
                  const std::filesystem::path& path, const CaptureOptions& options) {
    Progress progress;
    capture(model, asked, path.string(), options, progress);
    return open_trace(path.string());
}

// The prompts with what was generated behind them, as token ids.
std::vector<Prompt> with_answers(const RoutingTrace& trace) {
    const TokenTable tokens = trace.tokens({0, trace.header().token_count});
    std::vector<Prompt> whole;
    for (std::size_t p = 0; p < prompts().size(); ++p) {
        Prompt prompt = ids_prompt(prompts()[p].id, {});
        const TokenPos first = trace.header().prompts.first_token[p];
        for (TokenPos row = first; row < first + trace.header().prompts.token_count[p]; ++row) {
            if (tokens.phase[row] != kPhaseUnused) prompt.ids.push_back(tokens.id[row]);
        }
        whole.push_back(std::move(prompt));
    }
    return whole;
}

}  // namespace

TEST_CASE("Generated tokens stand behind their prompt with the routing of the whole text",
          "[model]") {
    const test::TemporaryFolder folder;
    const Engine model = engine();
    const TracePtr trace = captured(model, prompts(), folder / "a.h5", in_f32(kMost));
    CHECK(trace->header().warnings.empty());
    CHECK(trace->header().token_count == 4 + 1 + 7 + 3 * kMost);
    const std::vector<Prompt> whole = with_answers(*trace);
    REQUIRE(whole[0].ids.size() > prompts()[0].ids.size());

    const TracePtr at_once = captured(model, whole, folder / "b.h5", in_f32(0));
    for (std::size_t layer = 0; layer < trace->layers().size(); ++layer) {
        for (std::size_t p = 0; p < whole.size(); ++p) {
            const TokenPos a = trace->header().prompts.first_token[p];
            const TokenPos b = at_once->header().prompts.first_token[p];
            const std::uint64_t count = whole[p].ids.size();
            CHECK(trace->experts(layer, {a, a + count}) == at_once->experts(layer, {b, b + count}));
            const Grid<float> found = trace->logits(layer, {a, a + count});
            const Grid<float> wanted = at_once->logits(layer, {b, b + count});
            for (std::size_t i = 0; i < found.values().size(); ++i) {
                // f32 in another order of summing, on logits of order 1.
                CHECK(std::abs(found.values()[i] - wanted.values()[i]) < 1e-4F);
            }
        }
    }
}

TEST_CASE("Prompts that share a batch and prompts alone are answered alike, resumed or not",
          "[model]") {
    const test::TemporaryFolder folder;
    const Engine model = engine();
    CaptureOptions options = in_f32(kMost);
    const TracePtr together = captured(model, prompts(), folder / "a.h5", options);
    options.batch_tokens = 1;
    const TracePtr alone = captured(model, prompts(), folder / "b.h5", options);
    const TokenRange all{0, together->header().token_count};
    CHECK(together->tokens(all).id == alone->tokens(all).id);
    CHECK(together->tokens(all).phase == alone->tokens(all).phase);
    options.resume = true;
    const TracePtr again = captured(model, prompts(), folder / "b.h5", options);
    CHECK(again->tokens(all).id == together->tokens(all).id);
    options.generate = 2;  // another capture
    CHECK_THROWS_AS(captured(model, prompts(), folder / "b.h5", options), UserError);
    options = in_f32(kMost);
    options.record.nll = true;
    CHECK_THROWS_AS(captured(model, prompts(), folder / "c.h5", options), UserError);
}
