#include "analysis/stream/prompt_vectors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/stream/stream_rows.h"
#include "base/error.h"
#include "captures/stream_means.h"

namespace alluvium {
namespace {

bool takes_whole_prompts(const TokenSelection& selection) {
    return std::ranges::all_of(selection.prompts, [](const PromptTokens& prompt) {
        return prompt.selected == 0 || prompt.selected >= prompt.text_tokens;
    });
}

}  // namespace

PromptVectors::PromptVectors(const RoutingTrace& trace, const TokenSelection& selection)
    : trace_(trace), selection_(selection), layers_(trace.header().hidden_layers) {
    if (!layers_.empty()) return;
    const StreamMeans* means = stream_means(trace);
    if (means == nullptr) {
        throw UserError("the trace does not hold the residual stream",
                        "capture again with --record means (one vector per prompt and layer)");
    }
    if (!takes_whole_prompts(selection)) {
        throw UserError(
            "the trace holds the residual stream's mean over whole prompts, and --where "
            "takes single tokens",
            "name prompts only (language, domain, ...), or capture with --record hidden");
    }
    layers_.assign(means->mean_layers().begin(), means->mean_layers().end());
    from_means_ = true;
}

Grid<float> PromptVectors::at(LayerId layer, Progress& progress) const {
    progress.check();
    Grid<float> rows =
        from_means_ ? stream_means(trace_)->means(layer) : mean_of_tokens(layer, progress);
    progress.advance();
    return rows;
}

Grid<float> PromptVectors::mean_of_tokens(LayerId layer, const Progress& progress) const {
    const auto width = static_cast<std::size_t>(trace_.header().model.hidden_size);
    const std::size_t prompts = selection_.prompts.size();
    Grid<double> sums(prompts, width);
    std::vector<double> tokens(prompts, 0.0);
    visit_blocks(selection_, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<float> block = trace_.hidden(layer, range);
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t) {
                const auto h = block.row(t - range.begin);
                const double rms = std::sqrt(dot(h, h) / static_cast<double>(width));
                if (!std::isfinite(rms) || rms == 0) continue;
                add_to(sums.row(run.prompt), h, 1 / rms);
                ++tokens[run.prompt];
            }
        }
    });
    Grid<float> means(prompts, width, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t p = 0; p < prompts; ++p) {
        if (tokens[p] == 0) continue;
        for (std::size_t i = 0; i < width; ++i) {
            means(p, i) = static_cast<float>(sums(p, i) / tokens[p]);
        }
    }
    return means;
}

}  // namespace alluvium
