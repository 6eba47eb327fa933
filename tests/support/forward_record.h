#pragma once
// Runs a checkpoint forward and keeps what its routers did, to compare two ways of computing.
#include <filesystem>
#include <optional>
#include <random>
#include <vector>

#include <ATen/ATen.h>

#include "model/checkpoint/checkpoint.h"
#include "model/families/family.h"
#include "model/forward/forward_pass.h"
#include "model/forward/model.h"
#include "tests/support/torch_test.h"

namespace alluvium::test {

struct LayerRecord {
    at::Tensor logits;   // [T, E]
    at::Tensor experts;  // [T, k]
    at::Tensor weights;  // [T, k]
    at::Tensor margin;   // [T]
};

// Everything on the CPU.
class ForwardRecord final : public RoutingObserver {
  public:
    bool wants_hidden() const override { return true; }
    void on_routed(const RoutedBatch& batch) override {
        layers.push_back(
            {batch.logits.cpu(), batch.experts.cpu(), batch.weights.cpu(), batch.margin.cpu()});
    }
    void on_hidden(LayerId, const at::Tensor& state) override { hidden = state.cpu(); }

    std::vector<LayerRecord> layers;  // the routed ones
    at::Tensor hidden;                // [T, H] after the last layer
};

inline ForwardRecord run_forward(const std::filesystem::path& folder, const Compute& compute,
                                 const TokenBatch& batch, ForwardOptions options = {}) {
    const CheckpointPtr checkpoint = Checkpoint::open(folder);
    const auto model = Model::load(*checkpoint, model_spec(*checkpoint), compute);
    ForwardRecord record;
    ForwardPass(model, std::move(options)).run(batch, record, Progress{});
    return record;
}

// Prompts of the given lengths, of ids below `vocabulary`.
inline TokenBatch random_batch(const std::vector<int>& lengths, std::int64_t vocabulary) {
    std::mt19937 engine(7);
    TokenBatch batch;
    for (const int length : lengths) {
        std::vector<std::int64_t> ids(static_cast<std::size_t>(length));
        for (auto& id : ids) id = static_cast<std::int64_t>(engine()) % vocabulary;
        batch.append(ids);
    }
    return batch;
}

// How close two computations of the same model came.
struct Likeness {
    std::int64_t compared = 0;   // choices of a token in a layer
    std::int64_t different = 0;  // of those whose margin is above the limit
    std::int64_t left_out = 0;   // in a prompt, from the layer on where a near tie went apart
    double logits_off = 0;       // largest difference, relative to the array's largest
};

// Chosen experts have to be the same wherever the margin exceeds 1e-4. Where a near tie went the
// other way the whole prompt is left out from the next layer on: its tokens attend to each other.
inline Likeness compare_records(const ForwardRecord& a, const ForwardRecord& b,
                                const TokenBatch& batch) {
    constexpr float near_tie = 1e-4F;
    Likeness result;
    REQUIRE(a.layers.size() == b.layers.size());
    std::vector<char> apart(batch.prompts(), 0);
    for (std::size_t layer = 0; layer < a.layers.size(); ++layer) {
        const LayerRecord& x = a.layers[layer];
        const LayerRecord& y = b.layers[layer];
        const double largest = x.logits.abs().max().item<double>();
        for (std::size_t prompt = 0; prompt < batch.prompts(); ++prompt) {
            const std::int64_t length = batch.end(prompt) - batch.begin(prompt);
            if (apart[prompt] != 0) {
                result.left_out += length;
                continue;
            }
            const auto rows = [&](const at::Tensor& t) {
                return t.narrow(0, batch.begin(prompt), length);
            };
            const double off = (rows(x.logits) - rows(y.logits)).abs().max().item<double>();
            result.logits_off = std::max(result.logits_off, off / largest);
            // As sets: which of two equal scores comes first is a matter of rounding.
            const at::Tensor differs =
                std::get<0>(rows(x.experts).sort()).ne(std::get<0>(rows(y.experts).sort())).any(1);
            const at::Tensor clear = rows(x.margin) > near_tie;
            result.compared += length;
            result.different += differs.logical_and(clear).sum().item<std::int64_t>();
            if (differs.any().item<bool>()) apart[prompt] = 1;
        }
    }
    return result;
}

}  // namespace alluvium::test
