#include "analysis/stream/stream_run.h"

#include "base/error.h"

namespace alluvium {
namespace {

void add_routing(const RoutingTrace& trace, AnalysisOptions options, Progress& progress,
                 StreamRun& run) {
    options.controls.robustness = false;
    const Analysis analysis = analyze(trace, options, progress);
    for (const LayerAnalysis& layer : analysis.layers) {
        const Divergence& d = layer.divergence;
        run.routing.push_back({layer.layer,
                               {d.relative, d.relative_low, d.relative_high},
                               layer.random_router.mean / d.ceiling});
    }
    if (run.missing.empty()) return;
    run.stream.by = options.by;
    run.stream.where = options.where;
    // What the figure says of the sample comes from the routing instead.
    run.stream.model = analysis.model;
    run.stream.trace_path = analysis.trace_path;
    run.stream.design = analysis.design;
    for (const GroupSample& group : analysis.groups) run.stream.groups.push_back(group.label);
}

}  // namespace

StreamRun stream_run(const RoutingTrace& trace, std::string name, const AnalysisOptions& options,
                     Progress& progress) {
    StreamRun run{.name = std::move(name)};
    const bool routed = !trace.layers().empty();
    if (!has_stream(trace)) {
        run.missing = "no residual stream recorded (capture with --record means)";
    }
    if (!routed && !run.missing.empty()) {
        throw UserError("'" + trace.header().path +
                            "' holds nothing to draw over depth: every "
                            "layer of the checkpoint is dense, and no residual stream was recorded",
                        "capture it again with --record means");
    }
    if (run.missing.empty()) {
        try {
            run.stream = analyze_stream(trace, options, progress);
        } catch (const UserError& error) {
            if (!routed) {
                throw UserError("'" + trace.header().path + "': " + error.what(), error.hint());
            }
            run.missing = error.what();
        }
    }
    if (routed) add_routing(trace, options, progress, run);
    return run;
}

}  // namespace alluvium
