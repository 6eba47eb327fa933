// capture --record means: one vector per prompt and layer, against the streams themselves.
#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "captures/routing_trace.h"
#include "captures/stream_means.h"
#include "model/capture/capture.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

std::vector<Prompt> texts() {
    std::vector<Prompt> prompts;
    for (const char* text : {"The mother has a fever.", "La mère a de la fièvre depuis hier.",
                             "Oui", "Where does it hurt, and since when?"}) {
        Prompt prompt;
        prompt.id = std::to_string(prompts.size());
        prompt.language = prompts.size() == 1 ? "fr" : "en";
        prompt.text = text;
        prompts.push_back(std::move(prompt));
    }
    return prompts;
}

const std::filesystem::path kCheckpoint = ALLUVIUM_SOURCE_DIR "/tests/golden/evaluate/checkpoint";

// The same checkpoint with a token that stands before every text.
std::string with_bos(const std::filesystem::path& folder) {
    std::filesystem::copy(kCheckpoint, folder, std::filesystem::copy_options::recursive);
    write_file_atomically(folder / "tokenizer_config.json",
                          R"({"eos_token": "<|endoftext|>", "bos_token": "<|endoftext|>"})");
    return folder.string();
}

CaptureOptions means_in_f32() {
    CaptureOptions options;
    options.precision = Precision::f32;
    options.record = parse_record_fields("means");
    return options;
}

TracePtr captured(const std::string& checkpoint, const std::filesystem::path& path,
                  const CaptureOptions& options) {
    const Engine engine = load_engine(checkpoint, {.device = "cpu", .dtype = "f32", .threads = 1});
    Progress progress;
    capture(engine, texts(), path.string(), options, progress);
    return open_trace(path.string());
}

// The mean of h / rms(h) over a prompt's text tokens, one value at a time.
double expected(const RoutingTrace& trace, LayerId layer, std::size_t prompt, std::size_t i) {
    const TokenPos first = trace.header().prompts.first_token[prompt];
    const TokenRange rows{first, first + trace.header().prompts.token_count[prompt]};
    const Grid<float> hidden = trace.hidden(layer, rows);
    const TokenTable tokens = trace.tokens(rows);
    double sum = 0, count = 0;
    for (std::size_t t = 0; t < hidden.rows(); ++t) {
        if (tokens.special[t] != 0 || tokens.phase[t] != kPhasePrompt) continue;
        double squares = 0;
        for (const float h : hidden.row(t)) squares += static_cast<double>(h) * h;
        sum += hidden(t, i) / std::sqrt(squares / static_cast<double>(hidden.cols()));
        ++count;
    }
    return sum / count;
}

}  // namespace

TEST_CASE("the means of a capture are those of its streams, special tokens left out", "[model]") {
    const test::TemporaryFolder folder;
    CaptureOptions options = means_in_f32();
    options.record = parse_record_fields("means,hidden");
    options.add_bos = AddBos::yes;
    const TracePtr trace = captured(with_bos(folder / "bos"), folder / "t.h5", options);
    const StreamMeans* means = stream_means(*trace);
    REQUIRE(means != nullptr);
    REQUIRE(trace->tokens({0, 1}).special[0] == 1);
    REQUIRE(means->mean_layers().size() ==
            static_cast<std::size_t>(trace->header().model.layer_count) + 1);
    for (const LayerId layer : means->mean_layers()) {
        const Grid<float> found = means->means(layer);
        for (std::size_t p = 0; p < found.rows(); ++p) {
            for (std::size_t i = 0; i < found.cols(); i += 5) {
                // Sums of floats of order 1.
                CHECK(std::abs(found(p, i) - expected(*trace, layer, p, i)) < 1e-5);
            }
        }
    }
}

TEST_CASE("a prompt's means do not depend on its batch, on an interruption or on what is generated",
          "[model]") {
    const test::TemporaryFolder folder;
    CaptureOptions options = means_in_f32();
    options.batch_invariant = true;
    const TracePtr together = captured(kCheckpoint, folder / "a.h5", options);
    options.batch_tokens = 1;
    const TracePtr alone = captured(kCheckpoint, folder / "b.h5", options);
    options.resume = true;
    const TracePtr again = captured(kCheckpoint, folder / "b.h5", options);
    options.resume = false;
    options.generate = 3;
    const TracePtr with_answers = captured(kCheckpoint, folder / "c.h5", options);
    for (const LayerId layer : stream_means(*together)->mean_layers()) {
        const Grid<float> means = stream_means(*together)->means(layer);
        CHECK(stream_means(*alone)->means(layer) == means);
        CHECK(stream_means(*again)->means(layer) == means);
        CHECK(stream_means(*with_answers)->means(layer) == means);
    }
}
