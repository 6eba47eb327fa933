#pragma once
// A trace whose prompts are split by token class, so that tokens can be grouped by their class like
// by anything that a prompt has: `--by class`.
//
// Each prompt becomes one prompt per class that occurs in it, with the class in the column "class".
// Rows stay where they are. The pieces of a prompt share its translation group, or one of their own
// where it has none, so that they are resampled together and labels are permuted inside prompts.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

class ClassSplitTrace final : public RoutingTrace {
  public:
    // Reads the token columns once. `trace` must outlive it. UserError for a trace of counts.
    ClassSplitTrace(const RoutingTrace& trace, Progress& progress);

    TokenTable tokens(TokenRange range) const override;
    Grid<ExpertId> experts(std::size_t routed, TokenRange range) const override {
        return trace_.experts(routed, range);
    }
    Grid<float> weights(std::size_t routed, TokenRange range) const override {
        return trace_.weights(routed, range);
    }
    Grid<float> logits(std::size_t routed, TokenRange range) const override {
        return trace_.logits(routed, range);
    }
    std::vector<float> margin(std::size_t routed, TokenRange range) const override {
        return trace_.margin(routed, range);
    }
    Grid<ExpertId> random_experts(std::size_t routed, std::uint32_t draw,
                                  TokenRange range) const override {
        return trace_.random_experts(routed, draw, range);
    }
    Grid<float> hidden(LayerId layer, TokenRange range) const override {
        return trace_.hidden(layer, range);
    }
    std::vector<float> next_token_nll(TokenRange range) const override {
        return trace_.next_token_nll(range);
    }
    LayerCounts counts(std::size_t routed) const override { return trace_.counts(routed); }

  private:
    struct Pieces;
    ClassSplitTrace(const RoutingTrace& trace, Pieces pieces);

    const RoutingTrace& trace_;
    std::vector<std::uint32_t> piece_;  // [prompts * kTokenClasses] its prompt here
};

// A trace as it is grouped: itself, or by token class its prompts split.
class GroupedTrace {
  public:
    // `trace` must outlive it. UserError as ClassSplitTrace.
    GroupedTrace(const RoutingTrace& trace, const std::string& by, Progress& progress)
        : trace_(trace) {
        if (by == "class") split_.emplace(trace, progress);
    }
    const RoutingTrace& get() const { return split_ ? *split_ : trace_; }

  private:
    const RoutingTrace& trace_;
    std::optional<ClassSplitTrace> split_;
};

}  // namespace alluvium
