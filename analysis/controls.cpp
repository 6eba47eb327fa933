#include "analysis/controls.h"

#include <algorithm>

#include "analysis/number_text.h"
#include "analysis/random_router.h"

namespace alluvium {
namespace {

PromptUnits units_in(const TokenTraits& traits, const RoutingTrace& trace, const Sample& sample) {
    std::vector<std::uint8_t> keep(sample.units.labels.size(), 0);
    for (std::size_t p = 0; p < keep.size(); ++p)
        keep[p] = traits.selection.prompts[p].selected > 0;
    return units_of(trace.header().prompts, sample.grouping, keep);
}

bool any_redrawn(const RoutingTrace& trace) {
    const auto layers = trace.layers();
    return std::any_of(layers.begin(), layers.end(),
                       [](const RoutedLayerInfo& l) { return l.random_routers > 0; });
}

const std::string kNotAsked = "not asked for";
const std::string kSingle = "a single group: nothing to compare it with";

std::string drawn_text(const TokenTraits& traits) {
    return thousands_text(traits.size()) + " tokens of prompts drawn at random";
}

}  // namespace

Controls::Controls(const RoutingTrace& trace, const Sample& sample, const AnalysisOptions& options,
                   Progress& progress)
    : trace_(trace), sample_(sample), options_(options) {
    if (sample.units.present < 2) return;
    traits_ = read_token_traits(trace, sample, options.controls.robustness_tokens, options.seed,
                                progress);
    if (options.controls.robustness) {
        robustness_ = std::make_unique<Robustness>(trace, sample, traits_, options);
    }
    if (!options.controls.information) return;
    few_traits_ = traits_.size() <= options.controls.information_tokens
                      ? traits_
                      : read_token_traits(trace, sample, options.controls.information_tokens,
                                          options.seed, progress);
    few_units_ = units_in(few_traits_, trace, sample);
    if (few_units_.present < 2) return;
    information_ = std::make_unique<NestedInformation>(
        few_traits_, few_units_, trace.layers().size(), options.include_special, options.seed);
}

void Controls::add_layer(std::size_t routed, const PromptCounts& counts, const Grid<double>& rows,
                         LayerAnalysis& layer, Progress& progress) {
    if (robustness_) robustness_->add_layer(routed, counts, rows, progress);
    if (information_) information_->add_layer(trace_, routed, layer, progress);
    if (options_.controls.information)
        layer.random_router = random_router(trace_, routed, sample_, progress);
}

void Controls::finish_robustness(Analysis& analysis) {
    auto& missing = analysis.missing;
    if (!robustness_) {
        missing["verdict.robustness"] = options_.controls.robustness ? kSingle : kNotAsked;
        return;
    }
    for (const auto& [variant, why] : robustness_->absent()) {
        missing["verdict.robustness." + variant] = why;
    }
    if (analysis.verdict.pattern == Pattern::too_few_routed_layers) {
        missing["verdict.robustness"] = "too few routed layers to judge";
        return;
    }
    analysis.verdict.robustness = robustness_->finish(analysis.verdict.pattern);
    if (analysis.verdict.robustness.empty()) {
        missing["verdict.robustness"] = "no other way to count can be judged";
    }
}

void Controls::finish_information(Analysis& analysis) {
    auto& missing = analysis.missing;
    if (!information_) {
        missing["information"] = missing["verdict.remainder_pattern"] =
            options_.controls.information ? kSingle : kNotAsked;
        return;
    }
    Remainder& remainder =
        analysis.verdict.remainder.emplace(information_->finish(analysis.layers));
    std::string why = few_units_.no_interval;
    if (remainder.support == 0) why = "no token has an equal in another of the groups";
    if (why.empty() && !remainder.d_late.has_interval()) why = "too few routed layers to judge";
    if (why.empty()) return;
    for (const char* field : {"information.r3", "verdict.remainder"}) missing[field] = why;
}

void Controls::finish(Analysis& analysis) {
    auto& missing = analysis.missing;
    finish_robustness(analysis);
    finish_information(analysis);
    if (!options_.controls.information) {
        missing["random_router"] = kNotAsked;
    } else if (!any_redrawn(trace_)) {
        missing["random_router"] = "the trace holds no choices of redrawn routers";
    } else if (!sample_.units.no_interval.empty()) {
        missing["random_router"] = sample_.units.no_interval;
    }
    const auto one_draw = [](const LayerAnalysis& l) { return l.random_router.draws == 1; };
    if (std::any_of(analysis.layers.begin(), analysis.layers.end(), one_draw)) {
        for (const char* field : {"random_router.low", "random_router.high"}) {
            missing[field] = "one redrawn router has no spread";
        }
    }
    if (robustness_ && traits_.drawn) {
        analysis.warnings.push_back("robustness table: token variants use " + drawn_text(traits_));
    }
    if (information_ && few_traits_.drawn) {
        analysis.warnings.push_back("nested information uses " + drawn_text(few_traits_));
    }
}

void note_no_controls(const std::string& why, Analysis& analysis) {
    for (const char* field :
         {"information", "random_router", "verdict.remainder_pattern", "verdict.robustness"}) {
        analysis.missing[field] = why;
    }
}

}  // namespace alluvium
