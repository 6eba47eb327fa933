#pragma once
#include <string>

#include "model/families/parts.h"

namespace alluvium {

// Multi-head latent attention as DeepSeek-V2 and its successors store it, self_attn.* under
// `prefix`. `sizes` from latent_decoder_sizes().
AttentionSpec latent_attention(const ConfigReader& config, const std::string& prefix,
                               const DecoderSizes& sizes);

// The sizes, with the rotated dimensions of a head as its head_dim.
DecoderSizes latent_decoder_sizes(const ConfigReader& config);

}  // namespace alluvium
