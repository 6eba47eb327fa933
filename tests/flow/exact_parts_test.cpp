// Parts of a layer's output and of the final logits add up, in every family.
#include <filesystem>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <catch2/catch_approx.hpp>

#include "model/families/family.h"
#include "model/flow/contributions.h"
#include "model/flow/frozen_norm.h"
#include "model/flow/layer_split.h"
#include "model/flow/stream.h"
#include "model/forward/forward_pass.h"
#include "tests/model/formula_checkpoint.h"
#include "tests/model/goldens.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/torch_test.h"

using namespace alluvium;

namespace {

std::vector<std::string> golden_names() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(ALLUVIUM_SOURCE_DIR "/tests/golden/forward")) {
        if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
}

std::shared_ptr<const Model> load(const CheckpointPtr& checkpoint) {
    return Model::load(*checkpoint, model_spec(*checkpoint), {at::kCPU, at::kFloat});
}

std::shared_ptr<const Model> load(const std::string& golden) {
    return load(Checkpoint::open(test::golden_checkpoint(golden)));
}

// The golden's longest prompt, alone.
TokenBatch longest_prompt(const std::string& golden) {
    const TokenBatch all = test::golden_batch(golden);
    TokenBatch batch;
    std::vector<std::int64_t> longest;
    for (std::size_t p = 0; p < all.prompts(); ++p) {
        const std::vector<std::int64_t> ids(all.ids.begin() + all.begin(p),
                                            all.ids.begin() + all.end(p));
        if (ids.size() > longest.size()) longest = ids;
    }
    batch.append(longest);
    return batch;
}

class Output final : public RoutingObserver {
  public:
    bool wants_output() const override { return true; }
    void on_routed(const RoutedBatch&) override {}
    void on_output(std::int64_t, const at::Tensor& rows) override { logits = rows.clone(); }
    at::Tensor logits;
};

double off(const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
}

// That every layer's parts add up to what it puts out for every token; the number of layers.
std::size_t check_sums(const std::shared_ptr<const Model>& model, const TokenBatch& batch) {
    const PromptRun run = run_prompt(model, batch, Progress());
    const std::size_t layers = model->spec().layers.size();
    REQUIRE(run.stream.size() == layers + 1);
    for (std::size_t l = 0; l < layers; ++l) {
        const LayerSplitter splitter(*model, batch, static_cast<LayerId>(l), run);
        for (std::int64_t row = 0; row < batch.tokens(); ++row) {
            CAPTURE(l, row);
            const LayerSplit split = splitter.split(row);
            REQUIRE(std::ssize(split.parts) == split.vectors.size(0));
            // f32 sums of a few hundred terms.
            CHECK(off(split.vectors.sum(0), run.stream[l + 1][row]) < 1e-5);
        }
    }
    return layers;
}

}  // namespace

TEST_CASE("The parts of every layer add up to its output", "[model]") {
    const c10::InferenceMode inference;
    const auto names = golden_names();
    REQUIRE(names.size() > 20);
    std::size_t layers = 0;
    for (const std::string& name : names) {
        CAPTURE(name);
        layers += check_sums(load(name), longest_prompt(name));
    }
    CHECK(layers > 50);
    const test::TemporaryFolder folder;
    TokenBatch batch;
    batch.append({3, 7, 1, 11, 0, 5, 8});
    const Json configs = read_json(test::families_folder() / "configs.json");
    for (const auto& [name, config] : configs.items()) {
        CAPTURE(name);
        check_sums(load(test::formula_checkpoint(config, folder / name)), batch);
    }
}

TEST_CASE("What the parts add directly adds up to the final logits", "[model]") {
    const c10::InferenceMode inference;
    for (const std::string& name : golden_names()) {
        const auto model = load(name);
        // A softcap bends the sum; biases of the final norm and the output are no part's.
        const bool plain = !model->spec().logit_softcap && !model->output()->bias.defined() &&
                           !model->final_norm().bias.defined();
        if (!plain) continue;
        CAPTURE(name);
        const TokenBatch batch = longest_prompt(name);
        const PromptRun run = run_prompt(model, batch, Progress());
        const auto& stream = run.stream;
        Output output;
        ForwardPass(model).run(batch, output, Progress());
        const std::int64_t row = batch.tokens() - 1;
        const OutputView view(*model, stream.back()[row]);
        at::Tensor sum = view.direct(stream[0][row].unsqueeze(0))[0];
        for (std::size_t l = 0; l < model->spec().layers.size(); ++l) {
            const LayerSplit split =
                LayerSplitter(*model, batch, static_cast<LayerId>(l), run).split(row);
            sum = sum + view.direct(split.vectors.narrow(0, 1, split.vectors.size(0) - 1)).sum(0);
        }
        CHECK(off(sum, output.logits[row]) < 1e-4);
        CHECK(off(view.logits(stream.back()[row]), output.logits[row]) < 1e-5);
    }
}

TEST_CASE("A contribution is how far the sum moves away without the part", "[model]") {
    // y = (3, 1); without the parts |y|_1 = 4 becomes 1, 2 and 5.
    const at::Tensor parts = at::tensor({3.0F, 0.0F, 1.0F, 1.0F, -1.0F, 0.0F}).view({3, 2});
    const std::vector<double> shares = contributions(parts);
    const double sum = 3 + 2 + 1e-5;
    CHECK(shares[0] == Catch::Approx(3 / sum));
    CHECK(shares[1] == Catch::Approx(2 / sum));
    CHECK(shares[2] == Catch::Approx(1e-5 / sum));
}

TEST_CASE("A frozen norm of parts adds up to the norm of the sum", "[model]") {
    const at::Tensor parts = at::arange(12, at::kFloat).view({3, 4}).sin();
    const at::Tensor weight = at::tensor({1.0F, 2.0F, -1.0F, 0.5F});
    const at::Tensor full = parts.sum(0);
    const FrozenNorm mean_square(full, {weight, 1e-5, NormKind::root_mean_square});
    const at::Tensor expected = full / (full.square().mean() + 1e-5).sqrt() * weight;
    CHECK(at::allclose(mean_square.apply(parts).sum(0), expected, 1e-5, 1e-6));
    const at::Tensor bias = at::tensor({0.1F, 0.2F, 0.3F, 0.4F});
    const FrozenNorm layer(full, {weight, 1e-5, NormKind::layer, bias});
    const at::Tensor whole = at::layer_norm(full, {4}, weight, bias, 1e-5);
    CHECK(at::allclose(layer.apply(parts).sum(0) + layer.bias(), whole, 1e-5, 1e-6));
}

TEST_CASE("A token beyond a chunk or a window is no part, and a share of the delta rule may be",
          "[model]") {
    const c10::InferenceMode inference;
    const auto largest_share = [](const std::string& golden, std::int64_t row, std::int64_t from,
                                  const auto& is_meant) {
        const auto model = load(golden);
        const TokenBatch batch = longest_prompt(golden);
        const PromptRun run = run_prompt(model, batch, Progress());
        double largest = 0;
        std::size_t layers = 0;
        for (std::size_t l = 0; l < model->spec().layers.size(); ++l) {
            if (!is_meant(model->spec().layers[l].attention)) continue;
            ++layers;
            const LayerSplit split =
                LayerSplitter(*model, batch, static_cast<LayerId>(l), run).split(row);
            for (const SplitPart& part : split.parts) {
                if (part.kind == FlowPartKind::attention && part.from == from) {
                    largest = std::max(largest, std::abs(part.weight));
                }
            }
        }
        REQUIRE(layers > 0);
        return largest;
    };
    const auto chunked = [](const AttentionSpec& a) { return a.chunk > 0; };
    const auto chunk = model_spec(*Checkpoint::open(test::golden_checkpoint("llama4")));
    const std::int64_t size = chunk.layers[0].attention.chunk;
    REQUIRE(longest_prompt("llama4").tokens() > size);
    CHECK(largest_share("llama4", size, size - 1, chunked) == 0);
    CHECK(largest_share("llama4", size, size, chunked) == Catch::Approx(1));
    CHECK(largest_share("llama4", size - 1, 0, chunked) > 0);
    const auto delta = [](const AttentionSpec& a) { return a.delta.has_value(); };
    CHECK(largest_share("qwen3_next", 9, 1, delta) > 0);
}
