#include "model/forward/delta_rule.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

#include "model/forward/attention_rows.h"

namespace alluvium {
namespace {

// Tokens whose corrections are solved for together.
constexpr std::int64_t kChunk = 64;
constexpr double kLengthEpsilon = 1e-6;

// What is projected from the input, one row for each token.
struct Inputs {
    at::Tensor mixed;     // [T, C]: queries, keys and values
    at::Tensor strength;  // [T, VH] f32, before the sigmoid
    at::Tensor fading;    // [T, VH] f32, before the softplus
};

Inputs project(const at::Tensor& x, const DeltaWeights& weights, const Arithmetic& arithmetic) {
    return {at::cat({arithmetic.linear(x, weights.query), arithmetic.linear(x, weights.key),
                     arithmetic.linear(x, weights.value)},
                    1),
            arithmetic.linear(x, weights.strength).to(at::kFloat),
            arithmetic.linear(x, weights.fading).to(at::kFloat)};
}

// [VH, n, ...] of consecutive tokens of one prompt, all f32.
struct Chunk {
    at::Tensor query, key, value;  // [VH, n, width]
    at::Tensor strength;           // [VH, n, 1]
    at::Tensor faded;              // [VH, n]: the logarithm of all fading since the chunk began
};

// The matrices `state` [VH, KD, VD] after the chunk, and what its tokens read [VH, n, VD]. All
// corrections of a chunk are the solution of one triangular system (arXiv 2406.06484).
at::Tensor read_chunk(const Chunk& chunk, at::Tensor& state) {
    const at::Tensor between =
        (chunk.faded.unsqueeze(2) - chunk.faded.unsqueeze(1)).tril().exp().tril();
    const at::Tensor kept = chunk.faded.exp().unsqueeze(2);  // of the state before the chunk
    const at::Tensor key_back = chunk.key.transpose(1, 2);
    const at::Tensor corrected = chunk.key * chunk.strength;
    const at::Tensor system = at::matmul(corrected, key_back) * between;
    const at::Tensor wanted = chunk.value * chunk.strength - at::matmul(corrected * kept, state);
    const at::Tensor written = at::linalg_solve_triangular(system, wanted, /*upper=*/false,
                                                           /*left=*/true, /*unitriangular=*/true);
    const at::Tensor read = at::matmul(chunk.query * kept, state) +
                            at::matmul(at::matmul(chunk.query, key_back) * between, written);
    const at::Tensor last = chunk.faded.narrow(1, chunk.faded.size(1) - 1, 1);
    const at::Tensor later = (last - chunk.faded).exp().unsqueeze(2);
    state =
        state * last.exp().unsqueeze(2) + at::matmul((chunk.key * later).transpose(1, 2), written);
    return read;
}

// All tokens of a run, chunk by chunk from `state` on. [VH, rows, VD]
at::Tensor read_chunks(const Chunk& run, at::Tensor& state) {
    const std::int64_t rows = run.query.size(1);
    std::vector<at::Tensor> parts;
    for (std::int64_t at = 0; at < rows; at += kChunk) {
        const std::int64_t n = std::min(kChunk, rows - at);
        const auto cut = [&](const at::Tensor& t) { return t.narrow(1, at, n); };
        parts.push_back(read_chunk({cut(run.query), cut(run.key), cut(run.value), cut(run.strength),
                                    cut(run.faded).cumsum(1)},
                                   state));
    }
    return at::cat(parts, 1);
}

class PromptReader {
  public:
    PromptReader(const DeltaSpec& spec, const DeltaWeights& weights, const Inputs& inputs)
        : spec_(spec), weights_(weights), inputs_(inputs) {}

    // Tokens `rows` of the batch behind what `state` has seen. [rows, VH, VD]
    at::Tensor read(std::int64_t first, std::int64_t rows, CarriedState& state) const {
        if (!state.matrices.defined()) state = nothing_seen();
        return read_chunks(terms(first, rows, state), state.matrices).transpose(0, 1);
    }

    // What a run of tokens is read by; the convolution goes on from `state`. `faded` is of each
    // token alone.
    Chunk terms(std::int64_t first, std::int64_t rows, CarriedState& state) const {
        if (!state.matrices.defined()) state = nothing_seen();
        const at::Tensor mixed = convolved(inputs_.mixed.narrow(0, first, rows), state);
        const std::int64_t keys = spec_.key_heads * spec_.key_dim;
        const at::Tensor query =
            unit_heads(mixed.narrow(1, 0, keys)) / std::sqrt(static_cast<double>(spec_.key_dim));
        const at::Tensor key = unit_heads(mixed.narrow(1, keys, keys));
        const at::Tensor value = mixed.narrow(1, 2 * keys, spec_.value_heads * spec_.value_dim)
                                     .view({rows, spec_.value_heads, spec_.value_dim})
                                     .transpose(0, 1);
        const at::Tensor strength =
            inputs_.strength.narrow(0, first, rows).sigmoid().t().unsqueeze(2);
        const at::Tensor fading = inputs_.fading.narrow(0, first, rows) + weights_.fading_offset;
        return {query, key, value, strength, (-weights_.fading_rate * at::softplus(fading)).t()};
    }

  private:
    CarriedState nothing_seen() const {
        const at::TensorOptions type = inputs_.mixed.options().dtype(at::kFloat);
        return {at::zeros({spec_.taps - 1, inputs_.mixed.size(1)}, type),
                at::zeros({spec_.value_heads, spec_.key_dim, spec_.value_dim}, type)};
    }

    // Each column by itself over the last `taps` tokens, then SiLU. [rows, C] f32
    at::Tensor convolved(const at::Tensor& mixed, CarriedState& state) const {
        const std::int64_t rows = mixed.size(0);
        const at::Tensor seen = at::cat({state.tail, mixed.to(at::kFloat)});
        at::Tensor sum = at::zeros({rows, mixed.size(1)}, seen.options());
        for (std::int64_t tap = 0; tap < spec_.taps; ++tap) {
            sum += seen.narrow(0, tap, rows) * weights_.convolution.select(1, tap);
        }
        state.tail = seen.narrow(0, rows, spec_.taps - 1);
        return at::silu(sum);
    }

    // [rows, KH KD] -> every head of length 1, repeated for the value heads that share it.
    // [VH, rows, KD]
    at::Tensor unit_heads(const at::Tensor& rows) const {
        const at::Tensor heads = rows.view({rows.size(0), spec_.key_heads, spec_.key_dim});
        const at::Tensor length =
            at::rsqrt(heads.square().sum(-1, /*keepdim=*/true) + kLengthEpsilon);
        return (heads * length)
            .repeat_interleave(spec_.value_heads / spec_.key_heads, 1)
            .transpose(0, 1);
    }

    const DeltaSpec& spec_;
    const DeltaWeights& weights_;
    const Inputs& inputs_;
};

// One prompt's rows in order: the trunk, then every branch from the trunk's end.
void read_prompt(const PromptReader& reader, const AttentionContext& context, std::size_t prompt,
                 std::vector<at::Tensor>& parts) {
    const std::int64_t end = context.batch.end(prompt);
    const std::span<const std::int64_t> branches = context.batch.branches_of(prompt);
    const auto read = [&](std::int64_t from, std::int64_t to, CarriedState& state) {
        if (to > from) parts.push_back(reader.read(from, to - from, state));
    };
    PromptMemory* memory =
        context.memory.prompts.empty() ? nullptr : context.memory.prompts[prompt];
    CarriedState trunk = memory != nullptr ? memory->carried(context.memory.layer) : CarriedState();
    read(context.batch.begin(prompt), branches.empty() ? end : branches.front(), trunk);
    for (std::size_t b = 0; b < branches.size(); ++b) {
        CarriedState own = trunk;
        read(branches[b], b + 1 < branches.size() ? branches[b + 1] : end, own);
    }
    if (memory != nullptr) memory->carry(context.memory.layer, std::move(trunk));
}

at::Tensor gates(const at::Tensor& x, const DeltaWeights& weights,
                 const AttentionContext& context) {
    return by_prompt(context.batch, context.arithmetic.linear(x, weights.gate),
                     [](const at::Tensor& rows) { return at::silu(rows.to(at::kFloat)); });
}

}  // namespace

at::Tensor delta_rule(const at::Tensor& x, const DeltaSpec& spec, const DeltaWeights& weights,
                      const AttentionContext& context) {
    const Inputs inputs = project(x, weights, context.arithmetic);
    const PromptReader reader(spec, weights, inputs);
    std::vector<at::Tensor> parts;
    for (std::size_t prompt = 0; prompt < context.batch.prompts(); ++prompt) {
        read_prompt(reader, context, prompt, parts);
    }
    const at::Tensor read = at::cat(parts).reshape({-1, spec.value_dim}).to(x.scalar_type());
    const at::Tensor gate = gates(x, weights, context);
    const at::Tensor normed = context.arithmetic.norm(read, weights.norm).view(gate.sizes());
    return (normed * gate).to(x.scalar_type());
}

DeltaReading delta_reading(const at::Tensor& x, const DeltaSpec& spec, const DeltaWeights& weights,
                           const AttentionContext& context) {
    const Inputs inputs = project(x, weights, context.arithmetic);
    CarriedState nothing;
    const std::int64_t tokens = x.size(0);
    const Chunk run = PromptReader(spec, weights, inputs).terms(0, tokens, nothing);
    // Of values that are the unit vectors, what is read are the shares themselves.
    Chunk of_units = run;
    of_units.value = at::eye(tokens, run.value.options()).expand({spec.value_heads, -1, -1});
    at::Tensor state = at::zeros({spec.value_heads, spec.key_dim, tokens}, run.value.options());
    return {read_chunks(of_units, state), run.value,
            gates(x, weights, context).view({tokens, spec.value_heads, spec.value_dim})};
}

}  // namespace alluvium
