#include "analysis/analyze.h"

#include <algorithm>
#include <cmath>

#include "analysis/class_split_trace.h"
#include "analysis/controls.h"
#include "analysis/number_text.h"
#include "analysis/token_analysis.h"
#include "analysis/verdict_sentence.h"
#include "base/error.h"

namespace alluvium {

namespace {

void note_group_limits(Analysis& analysis) {
    const std::size_t groups = analysis.groups.size();
    if (groups > analysis.options.pairwise_limit) {
        analysis.missing["pairwise"] = thousands_text(groups) + " groups: more than " +
                                       thousands_text(analysis.options.pairwise_limit) +
                                       " make too large a table";
    }
    for (const LayerAnalysis& layer : analysis.layers) {
        if (layer.exclusivity.known) continue;
        for (const char* field : {"exclusive", "shared"}) {
            analysis.missing[field] = "defined for 4 groups or more";
        }
    }
    if (analysis.verdict.pattern == Pattern::not_applicable) {
        analysis.missing["verdict.pattern"] = "a single group: nothing to compare it with";
    }
}

void note_missing_text(Analysis& analysis) {
    for (const GroupSample& group : analysis.groups) {
        if (analysis.options.by == "class") {
            for (const char* field : {"fertility.", "tokens_per_character.", "byte_fragments."}) {
                analysis.missing[field + group.label] = "of languages, not of classes of tokens";
            }
        } else if (std::isnan(group.byte_fragments)) {
            for (const char* field : {"fertility.", "tokens_per_character.", "byte_fragments."}) {
                analysis.missing[field + group.label] =
                    "no text: no token, or prompts given as ids";
            }
        } else if (std::isnan(group.fertility)) {
            analysis.missing["fertility." + group.label] =
                "most of its characters belong to scripts without spaces between words";
        }
    }
    if (analysis.design.prompt_set.empty()) {
        analysis.missing["sample.prompt_set"] = "prompts given as ids, and no hash recorded";
    }
    if (analysis.design.prompt_set_name.empty()) {
        analysis.missing["sample.prompt_set_name"] = "the trace does not name its prompts";
    }
}

// Tokens grouped by their class: by what no prompt has, so the prompts are split.
Analysis analyze_classes(const RoutingTrace& trace, AnalysisOptions options, Progress& progress) {
    // Controls compare tokens of equal class, and ways to count them.
    options.controls = ControlOptions::none();
    const ClassSplitTrace split(trace, progress);
    Analysis analysis = analyze_tokens(split, options, progress);
    note_no_controls("not for classes of tokens: controls compare tokens of equal class", analysis);
    const auto& groups = trace.header().prompts.group;
    const bool translations =
        std::any_of(groups.begin(), groups.end(), [](const std::string& g) { return !g.empty(); });
    if (!translations) analysis.design.unit_name = "prompts";
    analysis.design.prompts = std::min(analysis.design.prompts, trace.header().prompts.size());
    for (GroupSample& group : analysis.groups) {
        group.fertility = group.tokens_per_character = group.byte_fragments = kMissing;
    }
    return analysis;
}

}  // namespace

Analysis analyze(const RoutingTrace& trace, const AnalysisOptions& options, Progress& progress) {
    if (trace.layers().empty()) {
        throw UserError("the trace has no routed layer: every layer of the checkpoint is dense",
                        "there is no routing to analyse");
    }
    Analysis analysis = trace.header().kind == TraceKind::counts ? analyze_counts(trace, options)
                        : options.by == "class" ? analyze_classes(trace, options, progress)
                                                : analyze_tokens(trace, options, progress);
    analysis.options = options;
    if (options.by == "class") analysis.options.controls = ControlOptions::none();
    analysis.kind = trace.header().kind;
    analysis.trace_path = trace.header().path;
    analysis.model = trace.header().model;
    analysis.warnings.insert(analysis.warnings.begin(), trace.header().warnings.begin(),
                             trace.header().warnings.end());
    note_group_limits(analysis);
    if (analysis.kind == TraceKind::tokens) note_missing_text(analysis);
    write_verdict_sentence(analysis);
    return analysis;
}

}  // namespace alluvium
