// A whole forward pass computed in two ways: on the GPU and on the CPU.
#include <filesystem>

#include <ATen/ATen.h>

#include "tests/support/forward_record.h"
#include "tests/support/gpu.h"
#include "tests/support/torch_test.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

namespace fs = std::filesystem;

bool is_routed_checkpoint(const fs::path& folder) {
    if (!fs::exists(folder / "config.json")) return false;
    return !model_spec(*Checkpoint::open(folder)).routed_layers().empty();
}

// The checkpoint of random weights that the build makes, and the committed ones of all families.
std::vector<fs::path> checkpoints() {
    std::vector<fs::path> folders = {ALLUVIUM_BINARY_DIR "/assets/specimen-untrained"};
    const fs::path golden = ALLUVIUM_SOURCE_DIR "/tests/golden/forward";
    if (fs::exists(golden)) {
        for (const auto& entry : fs::directory_iterator(golden)) folders.push_back(entry.path());
    }
    std::erase_if(folders, [](const fs::path& folder) { return !is_routed_checkpoint(folder); });
    return folders;
}

TokenBatch batch_for(const fs::path& folder) {
    const auto checkpoint = Checkpoint::open(folder);
    return random_batch({1, 17, 17, 64, 5, 33}, model_spec(*checkpoint).vocab_size);
}

void check_alike(const ForwardRecord& a, const ForwardRecord& b, const TokenBatch& batch) {
    const Likeness likeness = compare_records(a, b, batch);
    CHECK(likeness.different == 0);
    // Sums in f32 taken in another order; the bound is the one for parity with the reference.
    CHECK(likeness.logits_off < 1e-4);
    // Near ties are rare: a comparison that leaves out half has compared nothing.
    CHECK(likeness.left_out <= likeness.compared);
    CHECK(likeness.compared > 0);
}

}  // namespace

TEST_CASE("a forward pass on the GPU chooses the experts that the CPU chooses", "[model][gpu]") {
    const at::Device gpu = gpu_or_skip();
    REQUIRE_FALSE(checkpoints().empty());
    for (const fs::path& folder : checkpoints()) {
        INFO(folder.filename().string());
        const TokenBatch batch = batch_for(folder);
        const auto on_cpu = run_forward(folder, {at::kCPU, at::kFloat}, batch);
        const auto on_gpu = run_forward(folder, {gpu, at::kFloat}, batch);
        check_alike(on_cpu, on_gpu, batch);
    }
}

TEST_CASE("a forward pass on the GPU gives the same bits every time", "[model][gpu]") {
    const at::Device gpu = gpu_or_skip();
    for (const fs::path& folder : checkpoints()) {
        for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
            INFO(folder.filename().string() << ", " << at::toString(dtype));
            const TokenBatch batch = batch_for(folder);
            const auto first = run_forward(folder, {gpu, dtype}, batch);
            const auto again = run_forward(folder, {gpu, dtype}, batch);
            CHECK(at::equal(first.hidden, again.hidden));
            for (std::size_t layer = 0; layer < first.layers.size(); ++layer) {
                CHECK(at::equal(first.layers[layer].logits, again.layers[layer].logits));
                CHECK(at::equal(first.layers[layer].experts, again.layers[layer].experts));
            }
        }
    }
}

// Shows on every machine that the comparison above compares: both ways run here.
TEST_CASE("the two ways of computing on the CPU choose the same experts", "[model][cpu]") {
    for (const fs::path& folder : checkpoints()) {
        INFO(folder.filename().string());
        const TokenBatch batch = batch_for(folder);
        const Compute compute{at::kCPU, at::kFloat};
        check_alike(run_forward(folder, compute, batch),
                    run_forward(folder, compute, batch, {.batch_invariant = true, .route = {}}),
                    batch);
    }
}
