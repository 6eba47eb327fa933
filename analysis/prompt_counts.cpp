#include "analysis/prompt_counts.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <span>

namespace alluvium {
namespace {

// Without a branch per slot: rows are short, and almost none is missing.
bool is_missing(std::span<const ExpertId> experts) {
    bool missing = false;
    for (const ExpertId e : experts) missing |= e == kMissingExpert;
    return missing;
}

// Sum of one token's weights; NaN where they cannot be normalised.
double weight_total(std::span<const float> weights) {
    double total = 0;
    for (const float w : weights) total += w;
    return total > 0 && std::isfinite(total) ? total : std::nan("");
}

class Counter {
  public:
    Counter(std::size_t prompts, std::size_t experts, bool with_mass) {
        counts_.selections = Grid<std::uint32_t>(prompts, experts);
        counts_.top1 = Grid<std::uint32_t>(prompts, experts);
        if (with_mass) counts_.mass = Grid<double>(prompts, experts);
        counts_.tokens.assign(prompts, 0);
    }

    // `weights` empty: not counted.
    void add(TokenPos row, std::uint32_t prompt, std::span<const ExpertId> experts,
             std::span<const float> weights) {
        const double total = weights.empty() ? 1 : weight_total(weights);
        if (is_missing(experts) || std::isnan(total)) {
            add_missing(row);
            return;
        }
        ++counts_.tokens[prompt];
        const auto selections = counts_.selections.row(prompt);
        for (const ExpertId e : experts) ++selections[e];
        ++counts_.top1(prompt, experts.front());
        for (std::size_t i = 0; i < weights.size(); ++i) {
            counts_.mass(prompt, experts[i]) += weights[i] / total;
        }
    }

    PromptCounts take() { return std::move(counts_); }

  private:
    void add_missing(TokenPos row) {
        ++counts_.missing_tokens;
        auto& missing = counts_.missing;
        if (!missing.empty() && missing.back().end == row) {
            ++missing.back().end;
        } else {
            missing.push_back({row, row + 1});
        }
    }

    PromptCounts counts_;
};

}  // namespace

PromptCounts count_prompts(const RoutingTrace& trace, std::size_t routed,
                           const TokenSelection& selection, bool with_mass, Progress& progress) {
    const RoutedLayerInfo& info = trace.layers()[routed];
    assert(!with_mass || info.has_weights);
    Counter counter(selection.prompts.size(), info.experts, with_mass);
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<ExpertId> experts = trace.experts(routed, range);
        const Grid<float> weights = with_mass ? trace.weights(routed, range) : Grid<float>();
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) {
                const std::size_t i = t - range.begin;
                counter.add(t, run.prompt, experts.row(i),
                            with_mass ? weights.row(i) : std::span<const float>());
            }
        }
        progress.advance(range.size());
    });
    return counter.take();
}

Grid<double> to_weights(const Grid<std::uint32_t>& counts) {
    const auto values = counts.values();
    return {counts.rows(), counts.cols(), std::vector<double>(values.begin(), values.end())};
}

}  // namespace alluvium
