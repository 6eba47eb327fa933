#pragma once
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/families/model_spec.h"
#include "model/forward/token_batch.h"

namespace alluvium {

// Cosine and sine of every token's angles, times the magnitude. Positions count from 0 in each
// prompt, and on from its trunk in each of its branches; where frequencies depend on the length,
// the longest branch decides. R rotated dimensions of a head.
struct RotaryTable {
    at::Tensor cosine;  // [T, R / 2] f32
    at::Tensor sine;    // [T, R / 2] f32
};

// Frequencies of the R / 2 pairs in a prompt of `length` tokens, and what its cosines and sines are
// multiplied by.
struct RotaryFrequencies {
    at::Tensor frequency;  // [R / 2] f32
    double magnitude = 1;
};

RotaryFrequencies rotary_frequencies(const RotarySpec& spec, std::int64_t head_dim,
                                     std::int64_t length);

RotaryTable rotary_table(const RotarySpec& spec, std::int64_t head_dim, const TokenBatch& batch,
                         at::Device device);

// One table for all layers that rotate alike.
class RotaryTables {
  public:
    RotaryTables(const ModelSpec& spec, const TokenBatch& batch, at::Device device);
    const RotaryTable& of(const AttentionSpec& attention) const;

  private:
    struct Entry {
        RotarySpec spec;
        std::int64_t head_dim = 0;
        RotaryTable table;
    };
    const Entry* find(const AttentionSpec& attention) const;

    std::vector<Entry> entries_;
};

}  // namespace alluvium
