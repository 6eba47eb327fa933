#include "model/train/validation.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace alluvium {
namespace {

// Sequences of `length` + 1 ids that start `length` apart, so that every token but the stream's
// first is predicted once.
TrainingBatch windows(const TokenStream& stream, std::int64_t first, std::int64_t sequences,
                      std::int64_t length) {
    std::vector<std::int64_t> ids;
    for (std::int64_t s = 0; s < sequences; ++s) {
        const auto begin = stream.ids.begin() + first + s * length;
        ids.insert(ids.end(), begin, begin + length + 1);
    }
    return {at::tensor(ids, at::TensorOptions(at::kLong)).view({sequences, length + 1}),
            at::full({sequences, length}, -1, at::TensorOptions(at::kLong))};
}

}  // namespace

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
        const std::int64_t last = std::ssize(stream.ids) - 1;
        for (std::int64_t first = 0; first < last;) {
            const std::int64_t whole = (last - first) / options.length;
            const std::int64_t length = whole > 0 ? options.length : last - first;
            const std::int64_t sequences = std::clamp<std::int64_t>(whole, 1, options.sequences);
            const PassResult result =
                training_pass(spec, weights, windows(stream, first, sequences, length), pass);
            loss.nats +=
                result.cross_entropy.item<double>() * static_cast<double>(sequences * length);
            first += sequences * length;
        }
        loss.tokens = static_cast<std::uint64_t>(last);
        losses.push_back(std::move(loss));
    }
    return losses;
}

}  // namespace alluvium
