#include "app/session/layer_experts.h"

#include "analysis/sample.h"
#include "base/error.h"

namespace alluvium {
namespace {

constexpr std::size_t kTokensShown = 12;
constexpr std::size_t kCompanionsShown = 5;

}  // namespace

LayerExperts read_layer_experts(const RoutingTrace& trace, std::size_t routed,
                                const AnalysisOptions& options, Progress& progress) {
    if (trace.header().kind != TraceKind::tokens || !trace.layers()[routed].has_experts) {
        throw UserError("the trace does not hold which token chose which expert",
                        "capture the prompts with --record experts");
    }
    progress.start(2 * trace.header().token_count);
    const Sample sample = take_sample(trace, options, progress);
    return {expert_tokens(trace, routed, sample.selection, kTokensShown, progress),
            expert_companions(trace, routed, sample.selection, kCompanionsShown, progress)};
}

}  // namespace alluvium
