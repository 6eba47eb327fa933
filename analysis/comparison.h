#pragma once
// Two checkpoints, or two runs of one, on the same tokens.
//
//   overlap     mean over tokens of |S_a and S_b| / k    0 .. 1, chance k / E
//   exact       share of tokens with the same set        chance 1 / (E choose k)
//   top1        share with the same best expert          chance 1 / E
//   weight_l1   mean over tokens of sum_e |w_a - w_b|    0 .. 2; each token's weights sum to 1
//   flips       tokens whose set differs
//
// A flip counts as above the floor where its margin in A (the k-th minus the (k+1)-th selection
// score) exceeds the 95th percentile of the margins at which A and a second run of the same
// checkpoint differ: smaller ones are what arithmetic alone does.
//
// The difference of divergence, B minus A, is jackknifed over the units that both share, so that
// what the prompts have in common cancels. `matching` assigns experts of B to experts of A by the
// largest co-selection overlap; beside it the same for tokens of B in random order.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/byte_alignment.h"
#include "analysis/estimate.h"
#include "analysis/options.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct ExpertMatching {
    std::vector<std::uint32_t> partner;  // [E] expert of B for each of A
    double overlap = kMissing;           // mean share of a token's experts that keep their partner
    double shuffled = kMissing;          // the same for tokens of B in random order
};

struct LayerComparison {
    LayerId layer = 0;
    std::uint32_t experts = 0;
    std::uint32_t top_k = 0;
    std::uint64_t tokens = 0;  // with a row in both
    double exact = kMissing;
    double overlap = kMissing;
    double top1 = kMissing;
    double weight_l1 = kMissing;
    std::uint64_t flips = 0;
    double floor_margin = kMissing;       // where a second run is given
    std::uint64_t flips_above_floor = 0;  // ... counted only then
    double chance = kMissing;             // of overlap
    Estimate divergence_a, divergence_b;  // corrected
    Estimate difference;                  // B - A
    ExpertMatching matching;
};

struct GroupComparison {
    std::string label;
    std::uint64_t tokens = 0;
    double exact = kMissing, overlap = kMissing, top1 = kMissing;  // means over layers
};

// What changed most: mean overlap over the layers.
struct ChangedPrompt {
    std::size_t prompt = 0;
    std::string id, label;
    double overlap = kMissing;
};
struct ChangedToken {
    TokenPos row = 0;
    std::size_t prompt = 0;
    std::uint32_t position = 0, token_id = 0;
    std::string prompt_id, text;  // its bytes; empty for prompts given as ids
    double overlap = kMissing;
};

// How two tokenizers' tokens became rows: analysis/byte_alignment.h.
struct AlignmentSummary {
    std::uint64_t spans = 0, one_to_one = 0, tokens_a = 0, tokens_b = 0;
};

struct Comparison {
    std::string path_a, path_b;
    ModelInfo model_a, model_b;
    std::string by, where;
    std::uint64_t tokens = 0;  // compared; of an alignment by bytes: spans
    std::optional<AlignmentSummary> alignment;
    bool same_lineage = true;  // experts of one number can be taken for the same
    std::vector<LayerComparison> layers;
    std::vector<GroupComparison> groups;
    std::vector<ChangedPrompt> prompts;  // at most kMostChanged each, most changed first
    std::vector<ChangedToken> changed_tokens;
    std::map<std::string, std::string> missing;
    std::string sentence;
};
inline constexpr std::size_t kMostChanged = 20;

// UserError where tokens, prompts or the number of experts differ (says where first), or a trace
// holds no tokens. `floor`: a second run of A, on the same tokens, or nullptr.
Comparison compare_traces(const RoutingTrace& a, const RoutingTrace& b, const RoutingTrace* floor,
                          const AnalysisOptions& options, Progress& progress);

// The same for traces of the same texts by different tokenizers: rows are the spans between common
// ends of tokens. UserError as align_bytes().
Comparison compare_by_bytes(const RoutingTrace& a, const RoutingTrace& b, const RoutingTrace* floor,
                            const AnalysisOptions& options, Progress& progress);

// UserError names the first row at which the traces hold another token.
void require_same_tokens(const RoutingTrace& a, const RoutingTrace& b, const Progress& progress);

}  // namespace alluvium
