#include "model/train/validation.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace alluvium {
namespace {

// The windows' tokens, each window with the one token after it.
TrainingBatch training_batch(const TokenStream& stream, const WindowBatch& windows) {
    std::vector<std::int64_t> ids;
    for (std::int64_t s = 0; s < windows.sequences; ++s) {
        const auto begin = stream.ids.begin() + windows.first + s * windows.length;
        ids.insert(ids.end(), begin, begin + windows.length + 1);
    }
    const at::TensorOptions type(at::kLong);
    return {at::tensor(ids, type).view({windows.sequences, windows.length + 1}),
            at::full({windows.sequences, windows.length}, -1, type)};
}

}  // namespace

std::vector<WindowBatch> window_batches(std::int64_t stream_tokens, const WindowOptions& options) {
    std::vector<WindowBatch> batches;
    const std::int64_t last = stream_tokens - 1;
    for (std::int64_t first = 0; first < last;) {
        const std::int64_t whole = (last - first) / options.length;
        const WindowBatch batch{first, std::clamp<std::int64_t>(whole, 1, options.sequences),
                                whole > 0 ? options.length : last - first};
        first += batch.sequences * batch.length;
        batches.push_back(batch);
    }
    return batches;
}

std::vector<LanguageLoss> validation_loss(const ModelSpec& spec, const TrainedWeights& weights,
                                          const std::vector<TokenStream>& streams,
                                          const ValidationOptions& options) {
    const c10::AutoGradMode no_gradients(false);
    PassOptions pass;
    pass.routing = spec.routed_layers().empty() ? TrainingRouting::dense : TrainingRouting::top_k;
    pass.narrow = options.narrow;
    std::vector<LanguageLoss> losses;
    for (const TokenStream& stream : streams) {
        LanguageLoss loss{stream.language, 0, 0, stream.bytes};
        for (const WindowBatch& windows : window_batches(std::ssize(stream.ids), options.windows)) {
            const PassResult result =
                training_pass(spec, weights, training_batch(stream, windows), pass);
            const std::int64_t predicted = windows.sequences * windows.length;
            loss.nats += result.cross_entropy.item<double>() * static_cast<double>(predicted);
            loss.tokens += static_cast<std::uint64_t>(predicted);
        }
        losses.push_back(std::move(loss));
    }
    return losses;
}

}  // namespace alluvium
