#pragma once
// How well a model predicts texts that it is not trained on, language by language.
#include <cstdint>
#include <string>
#include <vector>

#include "model/train/token_streams.h"
#include "model/train/training_pass.h"

namespace alluvium {

// Windows of a stream that are computed together: `sequences` of `length` predicting tokens, each
// starting where the one before it ends.
struct WindowBatch {
    std::int64_t first = 0;  // predicting token of the first window
    std::int64_t sequences = 0;
    std::int64_t length = 0;
};

struct WindowOptions {
    std::int64_t sequences = 16;  // at a time
    std::int64_t length = 256;    // of a context; texts follow each other in it, as in training
};

// Predicts every token of a stream but the first, once. The last window may be shorter.
std::vector<WindowBatch> window_batches(std::int64_t stream_tokens, const WindowOptions& options);

struct LanguageLoss {
    std::string language;
    std::uint64_t tokens = 0;  // predicted
    double nats = 0;           // over all of them
    std::uint64_t bytes = 0;   // of the language's texts

    double per_token() const { return nats / static_cast<double>(tokens); }
    double per_byte() const { return nats / static_cast<double>(bytes); }
};

struct ValidationOptions {
    WindowOptions windows;
    at::ScalarType narrow = at::kFloat;
};

// One entry per stream. Routed by the model's own rule: nothing is told about the language.
std::vector<LanguageLoss> validation_loss(const ModelSpec& spec, const TrainedWeights& weights,
                                          const std::vector<TokenStream>& streams,
                                          const ValidationOptions& options);

}  // namespace alluvium
