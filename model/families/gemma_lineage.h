#pragma once
// What the Gemma models share: norms stored as their weight's distance from 1, embeddings times
// sqrt(H), the embedding as output head.
#include "model/families/parts.h"

namespace alluvium {

// `activation_key` is the config's; gelu in a first-generation config means its approximation.
DecoderSizes gemma_sizes(const ConfigReader& config);

// decoder() with the embedding's factor. UserError where the config asks for tokens that see the
// ones behind them.
ModelSpec gemma_decoder(const Checkpoint& checkpoint, const ConfigReader& config,
                        const DecoderSizes& sizes);

}  // namespace alluvium
