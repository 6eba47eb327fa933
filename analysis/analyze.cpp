#include "analysis/analyze.h"

#include <cmath>

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
        if (std::isnan(group.byte_fragments)) {
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

}  // namespace

Analysis analyze(const RoutingTrace& trace, const AnalysisOptions& options, Progress& progress) {
    if (trace.layers().empty()) {
        throw UserError("the trace has no routed layer: every layer of the checkpoint is dense",
                        "there is no routing to analyse");
    }
    Analysis analysis = trace.header().kind == TraceKind::counts
                            ? analyze_counts(trace, options)
                            : analyze_tokens(trace, options, progress);
    analysis.options = options;
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
