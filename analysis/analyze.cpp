#include "analysis/analyze.h"

#include "analysis/token_analysis.h"
#include "analysis/verdict_sentence.h"
#include "base/error.h"

namespace alluvium {

void note_absent_controls(const RoutingTrace& trace, Analysis& analysis) {
    const std::string later = "not computed by this version";
    analysis.missing["information"] = later;
    analysis.missing["verdict.remainder_pattern"] = later;
    analysis.missing["verdict.robustness"] = later;
    bool redrawn = false;
    for (const RoutedLayerInfo& info : trace.layers()) redrawn |= info.random_routers > 0;
    analysis.missing["random_router"] =
        redrawn ? later : "the trace holds no choices of redrawn routers";
}

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
    note_absent_controls(trace, analysis);
    write_verdict_sentence(analysis);
    return analysis;
}

}  // namespace alluvium
