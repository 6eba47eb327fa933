#pragma once
// Sparse upcycling (Komatsuzaki et al., arXiv 2212.05055) into the layout of Apollo-MoE (arXiv
// 2410.10626) or another one: in the chosen layers every expert is a copy of the dense feed-forward
// part, the router is drawn at random, everything else stays as it is. With several fine-tuned
// models of one base (Branch-Train-MiX, arXiv 2403.07816) the experts are theirs in turn.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/progress.h"
#include "model/upcycle/expert_labels.h"

namespace alluvium {

class Checkpoint;

// Of what is no expert, where models are merged.
enum class MergedRest { mean, base };

MergedRest parse_merged_rest(std::string_view word);  // "mean" | "base"; UserError

struct UpcycleOptions {
    int experts = 12;
    int top_k = 2;
    std::string layers = "all";   // see parse_layer_list
    std::string layout = "auto";  // see routed_layout
    ExpertsBy experts_by = ExpertsBy::none;
    std::vector<std::string> languages{};        // of the experts; see expert_labels
    bool renormalise = false;                    // of the chosen k's weights
    std::vector<std::filesystem::path> merge{};  // models whose feed-forward parts are the experts
    MergedRest merged_rest = MergedRest::mean;
    std::uint64_t seed = 1;  // of the routers
    std::uint64_t shard_bytes = 4'000'000'000;
    bool overwrite = false;
};

struct UpcycleSummary {
    std::vector<LayerId> routed;
    std::uint64_t tensors = 0;
    std::uint64_t bytes = 0;  // of the tensors written
    std::size_t shards = 0;
    std::string layout;
};

// Streams from the mapped sources: what is copied is never held in memory, what is computed (means,
// Gemma's embeddings) one tensor at a time. `out` appears when it is complete. Progress counts
// bytes. UserError where the source is of a family that cannot be upcycled, the options contradict
// it or the merged models do not fit it, RunError where the disk is full.
UpcycleSummary upcycle(const Checkpoint& dense, const std::filesystem::path& out,
                       const UpcycleOptions& options, Progress& progress);

}  // namespace alluvium
