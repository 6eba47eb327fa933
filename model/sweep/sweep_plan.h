#pragma once
// The experiments of Apollo-MoE's talk (arXiv 2410.10626) as lists of runs: experts in the last N
// layers only, routing strategies beside dense models of the same size, and what is learnt from
// which texts.
#include <string>
#include <vector>

namespace alluvium {

// One model to make, train and score.
struct SweepRun {
    enum class Start { dense, routed, same_active, same_total };

    std::string name;  // of its folder; equal for equal runs
    Start start = Start::dense;
    int last = -1;        // layers at the end that get experts; -1: all
    std::string routing;  // as `train --routing`
    std::string only_language{};
    std::string without_domain{};
};

// A row of the result's table. Rows of several experiments may share a run.
struct SweepRow {
    std::string experiment;  // "last", "routing", "texts"
    std::string label;
    SweepRun run;
};

struct SweepOptions {
    std::vector<int> last;                // numbers of layers, 0: the dense model
    std::vector<std::string> strategies;  // dense, same-active, same-total, or a routing
    std::vector<std::string> texts;       // "all", "only:LANGUAGE", "without:DOMAIN"
    std::string routing = "hybrid-k";     // of `last` and `texts`
};

// In the order of the options. UserError for words that mean nothing, or where nothing is asked.
std::vector<SweepRow> plan_sweep(const SweepOptions& options);

}  // namespace alluvium
