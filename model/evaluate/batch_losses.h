#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "model/capture/batch_chunks.h"
#include "model/evaluate/language_pass.h"
#include "model/evaluate/token_losses.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Prompts of one language and what their rows have to predict.
struct LossBatch {
    std::string language;
    TokenBatch tokens;
    std::vector<PredictedToken> predicted;
};

// Batches of known sizes, made when it is their turn.
struct LossBatches {
    std::vector<BatchSize> sizes;
    std::function<LossBatch(std::size_t batch)> make;
};

// -log p of every predicted token, in nats: [batches][predicted]. Where the model streams, as many
// batches as its budget holds share one reading of the weights (see plan_chunks), each computed as
// it is alone. Progress counts tokens. UserError where the budget does not hold a batch; throws
// Cancelled.
std::vector<std::vector<double>> batch_losses(const Engine& engine, const LanguagePass& passes,
                                              const LossBatches& batches, Progress& progress);

}  // namespace alluvium
