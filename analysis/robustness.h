#pragma once
// Whether the verdict outlives other ways to count: the same judgement on changed weights, changed
// tokens and changed prompts.
//
// Every variant is judged like the verdict itself, with its own jackknife intervals and its own
// band of shuffled labels. A variant contradicts the verdict where both are conclusive and differ;
// one that is inconclusive has lost power, which is no contradiction.
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/depth_resamples.h"
#include "analysis/prompt_counts.h"
#include "analysis/robustness_row.h"
#include "analysis/token_rows.h"
#include "analysis/token_traits.h"

namespace alluvium {

class Robustness {
  public:
    // All three must outlive it.
    Robustness(const RoutingTrace& trace, const Sample& sample, const TokenTraits& traits,
               const AnalysisOptions& options);

    // Layers in order. `rows`: what the verdict is made from, [prompts, E].
    void add_layer(std::size_t routed, const PromptCounts& counts, const Grid<double>& rows,
                   Progress& progress);

    // After the last layer, one row per variant.
    std::vector<RobustnessRow> finish(Pattern verdict);

    // Variants that the trace does not allow -> why.
    const std::map<std::string, std::string>& absent() const { return absent_; }

  private:
    // What a variant's rows are made from.
    enum class Source { base, top1, equal_prompts, tokens };

    struct Variant {
        std::string name, words;
        Source source = Source::base;
        TokenVariant tokens = TokenVariant::other_weighting;  // source == tokens
        PromptUnits units;
        std::unique_ptr<DepthResamples> resamples;  // refers to `units`
        std::vector<LayerAnalysis> layers;
    };

    // `keep`: [prompts] 0 leaves the prompt out.
    void add_variant(std::string name, std::string words, Source source, const Grouping& grouping,
                     const std::vector<std::uint8_t>& keep);
    void add_counting();
    void add_token_variants();
    void add_halves();
    void add_families();
    void add_languages();

    const RoutingTrace& trace_;
    const Sample& sample_;
    AnalysisOptions options_;
    std::vector<std::uint8_t> all_;  // [prompts] 1: in the sample
    TokenRows token_rows_;
    std::deque<Variant> variants_;
    std::map<std::string, std::string> absent_;
};

}  // namespace alluvium
