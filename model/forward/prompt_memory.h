#pragma once
// The keys and values of a prompt's tokens so far, in every layer: what a pass over further tokens
// of the same prompt need not compute again.
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/ids.h"

namespace alluvium {

struct ModelSpec;

// What a layer of the gated delta rule carries from token to token, f32; undefined before the
// first.
struct CarriedState {
    at::Tensor tail;      // [taps - 1, C] the convolution's last inputs
    at::Tensor matrices;  // [VH, KD, VD]
};

// What a PromptMemory of a prompt of so many tokens holds at most, in bytes.
std::uint64_t remembered_bytes(const ModelSpec& spec, std::uint64_t tokens,
                               std::uint64_t element_bytes);

class PromptMemory {
  public:
    explicit PromptMemory(const ModelSpec& spec);

    // Whose keys and values are there in every layer.
    std::int64_t tokens() const { return tokens_; }

    // Whether `more` tokens can follow: some rotary scalings turn every key of a longer prompt in
    // another way, so that the whole prompt has to be computed anew.
    bool can_grow(const ModelSpec& spec, std::int64_t more) const;
    void clear();

    // Keys [n, KV, D] and values [n, KV, Dv] of the tokens behind tokens(). Each layer once, then
    // finish().
    void append(LayerId layer, const at::Tensor& key, const at::Tensor& value);
    // Instead, for a layer of the gated delta rule, what it carries behind those tokens.
    void carry(LayerId layer, CarriedState state);
    void finish(std::int64_t tokens);

    // Of all tokens, those appended last included. Views, valid until the next append().
    at::Tensor keys(LayerId layer) const;
    at::Tensor values(LayerId layer) const;
    // Behind tokens().
    CarriedState carried(LayerId layer) const;

  private:
    // Grows by doubling: a token at a time costs no copy of all.
    struct Store {
        at::Tensor block;
        std::int64_t rows = 0;

        void append(const at::Tensor& more);
        at::Tensor filled() const { return block.narrow(0, 0, rows); }
    };
    struct Layer {
        Store key, value;
        // Two, so that a pass that was cancelled leaves the first as it was.
        CarriedState now, next;
    };

    std::vector<Layer> layers_;
    std::int64_t tokens_ = 0;
};

}  // namespace alluvium
