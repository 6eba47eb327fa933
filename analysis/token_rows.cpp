#include "analysis/token_rows.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "analysis/seeded_random.h"

namespace alluvium {
namespace {

constexpr std::int32_t kSeveralGroups = -2;

bool is_word(TokenClass kind) {
    return kind == TokenClass::word_start || kind == TokenClass::continuation;
}

// What each chosen expert counts for by mass, or false where the weights cannot be normalised.
bool normalise(std::span<const float> weights, std::vector<double>& mass) {
    double total = 0;
    for (const float w : weights) total += w;
    if (!(total > 0) || !std::isfinite(total)) return false;
    for (std::size_t r = 0; r < mass.size(); ++r) mass[r] = weights[r] / total;
    return true;
}

}  // namespace

TokenRows::TokenRows(const TokenTraits& traits, const std::vector<std::int32_t>& labels,
                     std::size_t groups, const AnalysisOptions& options)
    : traits_(traits),
      labels_(labels),
      groups_(groups),
      by_mass_(options.weighting == Weighting::mass),
      include_special_(options.include_special),
      counted_(traits.size(), 0),
      marks_(traits.size(), 0) {
    mark_basic();
    mark_shared_ids();
    mark_rarefied(options.seed);
    weigh_positions();
}

void TokenRows::mark_basic() {
    std::size_t special = 0, words = 0, text = 0;
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        const bool is_special = traits_.kind[i] == TokenClass::special;
        special += is_special;
        counted_[i] = include_special_ || !is_special;
        if (!is_special || !include_special_) mark(i, TokenVariant::other_special);
        if (counted_[i] == 0) continue;
        mark(i, TokenVariant::other_weighting);
        text += traits_.kind[i] != TokenClass::no_text;
        if (!is_word(traits_.kind[i])) continue;
        mark(i, TokenVariant::words);
        ++words;
    }
    if (special == 0) leave_out(TokenVariant::other_special, "the trace has no special token");
    if (text == 0) leave_out(TokenVariant::words, "no text: prompts given as ids");
    if (text > 0 && words == 0) leave_out(TokenVariant::words, "no token is part of a word");
}

void TokenRows::mark_shared_ids() {
    std::unordered_map<std::uint32_t, std::int32_t> user;
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (counted_[i] == 0) continue;
        const auto [at, first] = user.emplace(traits_.id[i], label(i));
        if (!first && at->second != label(i)) at->second = kSeveralGroups;
    }
    std::size_t shared = 0;
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (counted_[i] == 0 || user.at(traits_.id[i]) != kSeveralGroups) continue;
        mark(i, TokenVariant::shared_ids);
        ++shared;
    }
    if (shared == 0) leave_out(TokenVariant::shared_ids, "no token id occurs in two groups");
}

void TokenRows::mark_rarefied(std::uint64_t seed) {
    std::vector<std::uint64_t> tokens(groups_, 0);
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (counted_[i] != 0) ++tokens[static_cast<std::size_t>(label(i))];
    }
    std::uint64_t fewest = ~std::uint64_t{0}, most = 0;
    for (const std::uint64_t n : tokens) {
        if (n > 0) fewest = std::min(fewest, n);
        most = std::max(most, n);
    }
    if (fewest >= most) leave_out(TokenVariant::rarefied, "all groups have as many tokens");
    SeededRandom random(seed, "rarefied");
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (counted_[i] == 0) continue;
        if (random.below(tokens[static_cast<std::size_t>(label(i))]) < fewest) {
            mark(i, TokenVariant::rarefied);
        }
    }
}

void TokenRows::weigh_positions() {
    constexpr std::size_t bins = 128;  // of 32-bit positions
    Grid<double> share(groups_, bins, 0.0);
    std::vector<double> tokens(groups_, 0.0);
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (counted_[i] == 0) continue;
        const auto g = static_cast<std::size_t>(label(i));
        share(g, position_bin(traits_.position[i])) += 1;
        tokens[g] += 1;
    }
    std::vector<double> common(bins, 1.0);
    double kept = 0;
    for (std::size_t b = 0; b < bins; ++b) {
        for (std::size_t g = 0; g < groups_; ++g) {
            if (tokens[g] > 0) common[b] = std::min(common[b], share(g, b) / tokens[g]);
        }
        kept += common[b];
    }
    if (kept > 1 - 1e-9) leave_out(TokenVariant::positions, "all groups have the same positions");
    if (kept <= 0) leave_out(TokenVariant::positions, "the groups have no position in common");
    position_weight_.assign(traits_.size(), 0.0f);
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (counted_[i] == 0) continue;
        const auto g = static_cast<std::size_t>(label(i));
        const std::uint32_t b = position_bin(traits_.position[i]);
        position_weight_[i] = static_cast<float>(common[b] * tokens[g] / share(g, b));
        mark(i, TokenVariant::positions);
    }
}

std::vector<std::uint8_t> TokenRows::prompts(TokenVariant variant) const {
    std::vector<std::uint8_t> result(labels_.size(), 0);
    for (std::size_t i = 0; i < traits_.size(); ++i) {
        if (has(i, variant)) result[traits_.prompt[i]] = 1;
    }
    return result;
}

std::vector<Grid<double>> TokenRows::count(const RoutingTrace& trace, std::size_t routed,
                                           Progress& progress) const {
    const RoutedLayerInfo& info = trace.layers()[routed];
    std::vector<Grid<double>> rows(kTokenVariants);
    std::vector<TokenVariant> active;
    for (std::size_t v = 0; v < kTokenVariants; ++v) {
        if (!absent_[v].empty()) continue;
        active.push_back(static_cast<TokenVariant>(v));
        rows[v] = Grid<double>(labels_.size(), info.experts, 0.0);
    }
    std::vector<double> mass(info.top_k, 1.0);
    std::size_t first = 0;  // of the block, among the traits
    visit_blocks(traits_.selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        progress.check();
        const Grid<ExpertId> experts = trace.experts(routed, range);
        const Grid<float> weights = info.has_weights ? trace.weights(routed, range) : Grid<float>();
        std::size_t i = first;
        for (const TokenRun& run : runs) {
            for (TokenPos t = run.begin; t < run.end; ++t, ++i) {
                const auto chosen = experts.row(t - range.begin);
                if (chosen.front() == kMissingExpert) continue;
                const bool weighed =
                    info.has_weights && normalise(weights.row(t - range.begin), mass);
                for (const TokenVariant v : active) {
                    if (!has(i, v)) continue;
                    const bool massed = (v == TokenVariant::other_weighting) != by_mass_;
                    if (massed && !weighed) continue;
                    const double times = v == TokenVariant::positions ? position_weight_[i] : 1;
                    const auto row = rows[index(v)].row(run.prompt);
                    for (std::size_t r = 0; r < chosen.size(); ++r) {
                        row[chosen[r]] += times * (massed ? mass[r] : 1);
                    }
                }
            }
        }
        first = i;
    });
    return rows;
}

}  // namespace alluvium
