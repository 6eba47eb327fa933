// Against the reference implementation, on files that tests/golden/train/make_golden.py made.
#include <fstream>
#include <sstream>

#include "model/train/train.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"
#include "tests/train/safetensors_file.h"

using namespace alluvium;

namespace {

const std::filesystem::path kGolden = ALLUVIUM_SOURCE_DIR "/tests/golden/train";

TrainOptions recorded(const std::string& routing) {
    TrainOptions options;
    options.routing = routing;
    options.batches = kGolden / "batches.jsonl";
    options.languages = {"ar", "de", "en"};
    options.threads = 1;
    return options;
}

// Losses of curve-hybrid-k.csv or of a run's log.
std::vector<double> losses(const std::filesystem::path& csv, std::size_t column) {
    std::ifstream in(csv);
    std::vector<double> result;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream fields(line);
        std::string field;
        for (std::size_t i = 0; i <= column; ++i) std::getline(fields, field, ',');
        result.push_back(std::stod(field));
    }
    return result;
}

}  // namespace

TEST_CASE("Gradients of every routing strategy are the reference's", "[model][golden]") {
    const CheckpointPtr checkpoint = Checkpoint::open(kGolden / "checkpoint");
    for (const std::string routing : {"top-k", "hybrid-k", "lang-spec"}) {
        CAPTURE(routing);
        const test::TemporaryFolder folder;
        TrainOptions options = recorded(routing);
        options.dtype = "f64";
        options.gradients = folder / "gradients.safetensors";
        Progress progress;
        const TrainSummary summary = train(*checkpoint, {}, folder / "unused", options, progress);

        auto expected = test::read_safetensors(kGolden / ("gradients-" + routing + ".safetensors"));
        CHECK(std::abs(summary.first_loss - expected.at("loss").item<double>()) < 1e-6);
        expected.erase("loss");
        double largest = 0;
        for (const auto& [name, tensor] : expected) {
            largest = std::max(largest, tensor.norm().item<double>());
        }
        std::size_t compared = 0;
        for (const auto& [name, ours] : test::read_safetensors(options.gradients)) {
            CAPTURE(name);
            // The reference leaves out gradients that do not exist: they count as 0.
            const auto found = expected.find(name);
            const at::Tensor theirs =
                found == expected.end() ? at::zeros_like(ours) : found->second.to(at::kDouble);
            compared += found == expected.end() ? 0 : 1;
            const double scale = std::max(theirs.norm().item<double>(), 1e-6 * largest);
            // Both compute in f64; the expected values are stored in f32 (6e-8 each).
            CHECK((ours - theirs).norm().item<double>() / scale < 1e-6);
        }
        CHECK(compared == expected.size());
    }
}

TEST_CASE("A run from the same weights on the same batches has the reference's losses",
          "[model][golden]") {
    const test::TemporaryFolder folder;
    TrainOptions options = recorded("hybrid-k");
    options.dtype = "f32";
    options.schedule = {.peak = 0.01, .warmup = 0, .steps = 10, .constant = true};
    Progress progress;
    train(*Checkpoint::open(kGolden / "checkpoint"), {}, folder / "out", options, progress);
    const std::vector<double> ours = losses(folder / "out" / "log.csv", 2);
    const std::vector<double> theirs = losses(kGolden / "curve-hybrid-k.csv", 1);
    REQUIRE(ours.size() == theirs.size());
    for (std::size_t step = 0; step < ours.size(); ++step) {
        CAPTURE(step);
        // Both compute in f32: a few roundings per step, on losses of 7.
        CHECK(std::abs(ours[step] - theirs[step]) < 1e-4);
    }
}
