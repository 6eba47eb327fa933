#pragma once
// The dense models that a Mixture-of-Experts model is fairly compared with (arXiv 2410.10626, "same
// active" and "same total"): the feed-forward parts grow until the dense model has as many
// parameters as the other one uses for a token, or has in all. The function stays: a new neuron is
// drawn at random and contributes nothing until training says so (its column of the down projection
// is 0; a copied neuron would get the same gradients as its origin for ever).
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/progress.h"

namespace alluvium {

class Checkpoint;

enum class DenseWidth { active, total };

struct WidenOptions {
    DenseWidth width = DenseWidth::active;
    int experts = 12;  // of the Mixture-of-Experts model that is matched
    int top_k = 2;
    std::string layers = "all";  // that it routes; the growth is spread over all layers
    std::uint64_t seed = 1;      // of the new neurons
    std::uint64_t shard_bytes = 4'000'000'000;
    bool overwrite = false;
};

struct WidenSummary {
    std::int64_t width_before = 0;  // neurons of a feed-forward part
    std::int64_t width = 0;
    std::uint64_t bytes = 0;  // of the tensors written
};

// Neurons that each layer's feed-forward part needs for the model to have the parameters of one in
// which `routed` of `layers` layers have experts (routers included), to the nearest neuron.
std::int64_t matched_width(std::int64_t width, std::int64_t routed, std::int64_t layers,
                           const WidenOptions& options);

// `out` appears when it is complete. Progress counts bytes. UserError where a layer of the source
// has no gated feed-forward part, RunError where the disk is full.
WidenSummary widen(const Checkpoint& dense, const std::filesystem::path& out,
                   const WidenOptions& options, Progress& progress);

}  // namespace alluvium
