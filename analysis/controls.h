#pragma once
// What stands beside the verdict so that it can be believed: how much of the difference is left
// between equal tokens, what routers give that learned nothing, and whether other ways to count
// agree.
#include <memory>

#include "analysis/analyze.h"
#include "analysis/nested_information.h"
#include "analysis/robustness.h"

namespace alluvium {

class Controls {
  public:
    // `trace` and `sample` must outlive it.
    Controls(const RoutingTrace& trace, const Sample& sample, const AnalysisOptions& options,
             Progress& progress);

    // Layers in order. `rows`: what the verdict is made from, [prompts, E].
    void add_layer(std::size_t routed, const PromptCounts& counts, const Grid<double>& rows,
                   LayerAnalysis& layer, Progress& progress);

    // After the last layer and the verdict: fills what is left of it, and why anything is missing.
    void finish(Analysis& analysis);

  private:
    void finish_robustness(Analysis& analysis);
    void finish_information(Analysis& analysis);

    const RoutingTrace& trace_;
    const Sample& sample_;
    AnalysisOptions options_;
    TokenTraits traits_, few_traits_;
    PromptUnits few_units_;
    std::unique_ptr<Robustness> robustness_;          // nothing for a single group
    std::unique_ptr<NestedInformation> information_;  // ... among the tokens drawn for it
};

// Why there are no controls, for a trace or an analysis without.
void note_no_controls(const std::string& why, Analysis& analysis);

}  // namespace alluvium
