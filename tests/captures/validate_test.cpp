#include "captures/validate.h"

#include <filesystem>
#include <limits>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"
#include "captures/trace_data.h"
#include "captures/trace_writer.h"
#include "tests/captures/faulty_file.h"
#include "tests/captures/sample_trace.h"
#include "tests/support/temporary_folder.h"

namespace alluvium {
namespace {

// A valid trace of 8 tokens, 300 experts in two bytes, every field present.
class ValidFile {
  public:
    ValidFile() : path_(folder_ / "t.h5") {
        TraceData data = test::sample_trace({.experts = 300, .everything = true});
        data.header.prompts.text.assign(3, "12345678é");
        data.header.model.vocab_size = 200'000;
        for (LayerData& layer : data.layers) {
            for (float& margin : layer.margin) margin = std::abs(margin);
        }
        for (float& loss : data.next_token_nll) loss = std::abs(loss);
        data.next_token_nll.back() = std::numeric_limits<float>::quiet_NaN();
        write_trace(data, path_, Precision::f32);
    }
    const std::string& path() const { return path_; }

    // The sentences of all problems after one element was overwritten.
    template <typename T>
    std::vector<std::string> problems_after(const std::string& dataset, std::uint64_t index,
                                            T value) const {
        test::poke<T>(path_, dataset, index, value);
        std::vector<std::string> sentences;
        for (const TraceProblem& problem : validate_trace(path_).problems) {
            sentences.push_back(problem.sentence());
        }
        return sentences;
    }

  private:
    test::TemporaryFolder folder_;
    std::string path_;
};

using Sentences = std::vector<std::string>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST_CASE("a sound trace validates with a summary of what it holds") {
    const ValidFile file;
    Progress progress;
    const TraceReport report = validate_trace(file.path(), &progress);
    for (const TraceProblem& problem : report.problems) INFO(problem.sentence());
    CHECK(report.ok());
    CHECK(report.prompts == 3);
    CHECK(report.prompts_done == 3);
    CHECK(report.tokens == 8);
    CHECK(report.layers == std::vector<LayerId>{1, 4});
    CHECK(report.bytes == std::filesystem::file_size(file.path()));
    CHECK(report.fields == Sentences{"expert (16-bit integers)", "hidden of 2 layers",
                                     "logit (32-bit floats)", "margin (32-bit floats)",
                                     "next_token_nll (32-bit floats)",
                                     "random_expert (16-bit integers)", "stream means of 2 layers",
                                     "weight (32-bit floats)"});
    CHECK(progress.done() == progress.total());
}

TEST_CASE("experts that cannot be are counted by row") {
    const ValidFile file;
    CHECK(file.problems_after<ExpertId>("layers/004/expert", 5, 300) ==
          Sentences{"layers/004/expert: 1 row with experts that do not exist (of 300): 2"});
    CHECK(file.problems_after<ExpertId>("layers/004/expert", 15, 65534) ==
          Sentences{"layers/004/expert: 2 rows with experts that do not exist (of 300): 2, 7"});
}

TEST_CASE("the same expert twice in a row is found") {
    const ValidFile file;
    const Grid<ExpertId> rows = open_trace(file.path())->experts(0, {0, 8});
    CHECK(file.problems_after<ExpertId>("layers/001/expert", 7, rows(3, 0)) ==
          Sentences{"layers/001/expert: 1 row with the same expert twice: 3"});
    CHECK(file.problems_after<ExpertId>("layers/001/expert", 7, kMissingExpert).empty());
    CHECK(validate_trace(file.path()).notes ==
          Sentences{"layers/001/expert: 1 rows of finished prompts lack an expert"});
}

TEST_CASE("faults of redrawn routers are found in every draw") {
    const ValidFile file;
    CHECK(file.problems_after<ExpertId>("layers/001/random_expert", 16 + 9, 300) ==
          Sentences{"layers/001/random_expert: 1 row with experts that do not exist (of 300): 4"});
}

TEST_CASE("values that are not finite or have the wrong sign are found") {
    CHECK(ValidFile().problems_after("layers/001/weight", 3, kInfinity) ==
          Sentences{"layers/001/weight: 1 row with values that are not finite: 1"});
    CHECK(ValidFile().problems_after("layers/001/logit", 300, std::nanf("")) ==
          Sentences{"layers/001/logit: 1 row with values that are not finite: 1"});
    CHECK(ValidFile().problems_after("layers/001/margin", 6, -0.5F) ==
          Sentences{"layers/001/margin: 1 row with negative margins: 6"});
    CHECK(ValidFile().problems_after("hidden/embedding", 39, -kInfinity) ==
          Sentences{"hidden/embedding: 1 row with values that are not finite: 7"});
    CHECK(ValidFile().problems_after("stream_mean/004", 7, kInfinity) ==
          Sentences{"stream_mean/004: 1 row with values that are not finite: 1"});
    CHECK(ValidFile().problems_after("output/next_token_nll", 0, -0.5F) ==
          Sentences{"output/next_token_nll: 1 row with negative losses: 0"});
    CHECK(ValidFile().problems_after("output/next_token_nll", 4, std::nanf("")) ==
          Sentences{"output/next_token_nll: 1 row with values that are not finite: 4"});
}

TEST_CASE("tokens that disagree with their prompts are found") {
    CHECK(ValidFile().problems_after<std::uint32_t>("tokens/prompt", 3, 0) ==
          Sentences{"tokens/prompt: 1 row with the wrong prompt: 3"});
    CHECK(ValidFile().problems_after<std::uint32_t>("tokens/position", 3, 1) ==
          Sentences{"tokens/position: 1 row with the wrong position: 3"});
    CHECK(ValidFile().problems_after<std::uint32_t>("tokens/byte_end", 3, 11) ==
          Sentences{"tokens/byte_begin: 1 row with offsets outside the prompt's text: 3"});
    CHECK(ValidFile().problems_after<std::uint32_t>("tokens/byte_end", 3, 9) ==
          Sentences{"tokens/byte_begin: 1 row with offsets inside a character: 3"});
    CHECK(ValidFile().problems_after<std::uint32_t>("tokens/id", 1, 200'000) ==
          Sentences{"tokens/id: 1 row with ids outside the vocabulary of 200000: 1"});
    CHECK(ValidFile().problems_after<std::uint8_t>("tokens/phase", 1, 2) ==
          Sentences{"tokens/phase: 1 row with a phase that is neither 0, 1 nor 255: 1"});
    CHECK(ValidFile().problems_after<std::uint8_t>("tokens/special", 1, 2) ==
          Sentences{"tokens/special: 1 row with a flag that is neither 0 nor 1: 1"});
}

TEST_CASE("prompts that overlap or leave tokens out are found") {
    const ValidFile overlap;
    CHECK(overlap.problems_after<std::uint64_t>("prompts/first_token", 1, 2).size() >= 2);
    const ValidFile gap;
    const Sentences sentences = gap.problems_after<std::uint32_t>("prompts/token_count", 2, 3);
    CHECK(sentences == Sentences{"tokens/prompt: 1 row with no prompt (start of a gap): 7"});
}

TEST_CASE("rows of unfinished prompts are not judged") {
    const ValidFile file;
    test::poke<std::uint8_t>(file.path(), "prompts/done", 2, 0);
    CHECK(file.problems_after("layers/001/weight", 14, kInfinity).empty());
    const TraceReport report = validate_trace(file.path());
    CHECK(report.prompts_done == 2);
    CHECK(report.notes.size() == 1);
}

TEST_CASE("texts that are not UTF-8 and ids used twice are found") {
    const test::TemporaryFolder folder;
    TraceData data = test::sample_trace({});
    data.header.prompts.text.assign(3, "123456789");
    data.header.prompts.language[1] = "\xff";
    data.header.prompts.id[2] = "p0";
    data.header.model.vocab_size = 0;
    write_trace(data, folder / "t.h5");
    const TraceReport report = validate_trace(folder / "t.h5");
    REQUIRE(report.problems.size() == 2);
    CHECK(report.problems[0].sentence() == "prompts/language: 1 row with malformed UTF-8: 1");
    CHECK(report.problems[1].sentence() == "prompts/id: 1 row with an id used before: 2");
}

TEST_CASE("counts that do not add up are problems, counts a few off are noted") {
    const test::TemporaryFolder folder;
    TraceData data;
    data.header.kind = TraceKind::counts;
    data.header.groups = {.label = {"en", "zh"}, .tokens = {1000, 1000}};
    data.header.layers = {{.layer = 0, .experts = 3, .top_k = 2}};
    data.layers.resize(1);
    data.layers[0].counts.count = Grid<std::uint64_t>(2, 3, {900, 600, 497, 1000, 900, 200});
    data.layers[0].counts.weight_sum = Grid<double>(2, 3, 1.0);
    data.layers[0].counts.weight_sum(0, 1) = -1;
    write_trace(data, folder / "t.h5");
    const TraceReport report = validate_trace(folder / "t.h5");
    REQUIRE(report.problems.size() == 2);
    CHECK(report.problems[0].sentence() ==
          "layers/000/count: 1 row with counts that do not add up to tokens x 2: 1");
    CHECK(report.problems[1].dataset == "layers/000/weight_sum");
    CHECK(report.notes.size() == 1);
    CHECK(report.groups == Sentences{"en", "zh"});
}

TEST_CASE("the example of real routing validates") {
    const TraceReport report =
        validate_trace(ALLUVIUM_SOURCE_DIR "/captures/examples/qwen3-30b-a3b-mgsm.h5");
    CHECK(report.ok());
    CHECK(report.layers.size() == 48);
    CHECK(report.groups == Sentences{"en", "sw", "zh"});
}

TEST_CASE("validation can be cancelled") {
    const ValidFile file;
    Progress progress;
    progress.cancel();
    CHECK_THROWS_AS(validate_trace(file.path(), &progress), Cancelled);
}

}  // namespace
}  // namespace alluvium
