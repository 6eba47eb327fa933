// capture --generate: what a model says after a prompt, with its routing, in rows reserved for it.
#include "base/error.h"
#include "captures/generated_text.h"
#include "captures/routing_trace.h"
#include "captures/validate.h"
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
}

TEST_CASE("The nll of what is generated is that of the whole text, and missing at its end",
          "[model]") {
    const test::TemporaryFolder folder;
    const Engine model = engine();
    CaptureOptions options = in_f32(kMost);
    options.record.nll = true;
    const TracePtr trace = captured(model, prompts(), folder / "a.h5", options);
    const std::vector<Prompt> whole = with_answers(*trace);
    options.generate = 0;
    const TracePtr at_once = captured(model, whole, folder / "b.h5", options);
    for (std::size_t p = 0; p < whole.size(); ++p) {
        const TokenPos a = trace->header().prompts.first_token[p];
        const TokenPos b = at_once->header().prompts.first_token[p];
        const std::uint64_t count = whole[p].ids.size();
        const std::vector<float> found = trace->next_token_nll({a, a + count});
        const std::vector<float> wanted = at_once->next_token_nll({b, b + count});
        REQUIRE(std::isnan(wanted.back()));
        CHECK(std::isnan(found.back()));
        for (std::size_t i = 0; i + 1 < found.size(); ++i) {
            // f32 in another order of summing, on values of order 5.
            CHECK(std::abs(found[i] - wanted[i]) < 1e-4F);
        }
    }
}

TEST_CASE("The text of generated tokens is stored, and every token's place in it", "[model]") {
    const test::TemporaryFolder folder;
    const Engine model = load_engine(ALLUVIUM_SOURCE_DIR "/assets/specimen",
                                     {.device = "cpu", .dtype = "f32", .threads = 1});
    std::vector<Prompt> asked(3);
    const char* texts[] = {"Lavez-vous les mains avec", "我的头很", "मेरे सिर में"};
    for (std::size_t p = 0; p < asked.size(); ++p) {
        asked[p].id = std::to_string(p);
        asked[p].text = texts[p];
    }
    const TracePtr trace = captured(model, asked, folder / "a.h5", in_f32(24));
    const TraceReport report = validate_trace(folder / "a.h5", nullptr);
    for (const TraceProblem& problem : report.problems) {
        UNSCOPED_INFO(problem.sentence());
    }
    CHECK(report.problems.empty());
    const PromptTable& table = trace->header().prompts;
    for (std::size_t p = 0; p < asked.size(); ++p) {
        const std::string whole = whole_text(table, p);
        const TokenPos first = table.first_token[p];
        const TokenTable tokens = trace->tokens({first, first + table.token_count[p]});
        std::vector<std::uint32_t> ids;
        std::string placed = texts[p];
        for (std::size_t t = 0; t < tokens.size(); ++t) {
            if (tokens.phase[t] == kPhaseUnused) continue;
            ids.push_back(tokens.id[t]);
            if (tokens.phase[t] != kPhaseGenerated) continue;
            CHECK(tokens.byte_begin[t] <= placed.size());
            // Parts of one character stand at all of it.
            if (tokens.byte_end[t] > placed.size()) {
                CHECK(tokens.byte_begin[t] == placed.size());
                placed = whole.substr(0, tokens.byte_end[t]);
            }
        }
        INFO(whole);
        CHECK(placed == whole);
        CHECK(whole.size() > asked[p].text.size());
        // All at once, but for a last character that was not completed.
        std::string decoded = model.tokenizer->decode(ids);
        CHECK(decoded.substr(0, whole.size()) == whole);
        CHECK(decoded.size() <= whole.size() + 3 * 3);
    }
}
