#include "analysis/stream/stream_sentence.h"

#include <algorithm>
#include <cmath>

#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

std::string percent(double share) {
    return fixed_text(100 * share, 0) + " %";
}

std::string after(const StreamLayer& layer) {
    return layer.layer < 0 ? "in the embedding" : "after layer " + std::to_string(layer.layer);
}

// Layers whose share is known.
std::vector<const StreamLayer*> known_layers(const StreamAnalysis& analysis) {
    std::vector<const StreamLayer*> known;
    for (const StreamLayer& layer : analysis.layers) {
        if (layer.language_variance.has_value()) known.push_back(&layer);
    }
    return known;
}

std::string extremes_text(const StreamAnalysis& analysis, const std::string& noun) {
    const auto known = known_layers(analysis);
    if (known.empty()) return "nothing can be said about the residual stream";
    const auto share = [](const StreamLayer* layer) { return layer->language_variance.value; };
    const StreamLayer* most = *std::ranges::max_element(known, {}, share);
    const StreamLayer* least = *std::ranges::min_element(known, {}, share);
    return noun + " explain most of how the residual streams of prompts differ " + after(*most) +
           " (" + percent(share(most)) + ") and least " + after(*least) + " (" +
           percent(share(least)) + ")";
}

std::string verdict_text(const Verdict& v) {
    if (!v.d_late.has_value()) return {};
    return "; " + std::string(to_string(v.pattern)) + ": late - middle " + interval_text(v.d_late) +
           ", early - middle " + interval_text(v.d_early) +
           (v.d_late.has_interval() ? ", 95 % intervals" : ", without intervals");
}

}  // namespace

void write_stream_sentence(StreamAnalysis& analysis) {
    std::string noun = group_noun(analysis.by);
    noun[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(noun[0])));
    analysis.sentence =
        extremes_text(analysis, noun) + verdict_text(analysis.verdict) +
        ". Sample: " + analysis.model.name + ", " + thousands_text(analysis.groups.size()) + " " +
        group_noun(analysis.by) + ", " + thousands_text(analysis.design.units) + " " +
        analysis.design.unit_name + ", " + thousands_text(analysis.design.prompts) + " prompts" +
        (analysis.where.empty() ? "" : " where " + analysis.where) + ".";
}

}  // namespace alluvium
