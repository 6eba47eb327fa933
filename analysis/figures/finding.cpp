#include "analysis/figures/finding.h"

#include <algorithm>

#include "analysis/number_text.h"
#include "analysis/verdict_sentence.h"

namespace alluvium {
namespace {

std::string range_text(std::uint64_t low, std::uint64_t high) {
    if (low == high) return thousands_text(low);
    return thousands_text(low) + " to " + thousands_text(high);
}

template <typename Items, typename Read>
std::string range_over(const Items& items, const Read& read) {
    std::uint64_t low = read(items.front()), high = low;
    for (const auto& item : items) {
        low = std::min<std::uint64_t>(low, read(item));
        high = std::max<std::uint64_t>(high, read(item));
    }
    return range_text(low, high);
}

}  // namespace

std::string finding_sentence(const Analysis& analysis) {
    const Verdict& verdict = analysis.verdict;
    if (verdict.headline.empty()) return "Which experts are used, layer by layer";
    if (!verdict.onset) return verdict.headline;
    return verdict.headline + ", from layer " + std::to_string(verdict.onset->layer) + " on";
}

std::string sample_sentence(const Analysis& analysis, std::span<const GroupLook> looks) {
    std::string out = analysis.model.name.empty() ? "" : analysis.model.name + ": ";
    const std::size_t n = analysis.groups.size();
    if (n == 0) return out + "no groups";
    const std::string& slice = analysis.options.where;
    const std::string where = slice.empty() ? "" : " where " + slice;
    const std::string tokens =
        range_over(analysis.groups, [](const GroupSample& g) { return g.tokens; }) + " tokens";
    if (n == 1) return out + looks.front().name + ", " + tokens + where;
    return out + std::to_string(n) + ' ' + group_noun(analysis.options.by) + ", " + tokens +
           " each" + where;
}

std::string checkpoint_sentence(const ModelInfo& model) {
    constexpr std::size_t kDigits = 12;
    return model.checkpoint_id.empty() ? std::string()
                                       : "; checkpoint " + model.checkpoint_id.substr(0, kDigits);
}

std::string experts_sentence(const Analysis& analysis) {
    if (analysis.layers.empty()) return "no routed layers";
    return range_over(analysis.layers, [](const LayerAnalysis& l) { return l.experts; }) +
           " experts, top " +
           range_over(analysis.layers, [](const LayerAnalysis& l) { return l.top_k; });
}

}  // namespace alluvium
