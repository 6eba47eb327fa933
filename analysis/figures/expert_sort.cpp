#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <span>

#include "analysis/figures/expert_order.h"
#include "base/error.h"

namespace alluvium {
namespace {

using By = ExpertSort::By;

struct Word {
    By by;
    const char* word;
    bool layer, group;  // what follows it
};
constexpr std::array<Word, 5> kWords{{{By::owner, "owner", false, false},
                                      {By::number, "number", false, false},
                                      {By::load, "load", true, false},
                                      {By::share, "share", true, true},
                                      {By::similarity, "similarity", true, false}}};

[[noreturn]] void refuse(const std::string& words) {
    throw UserError("'" + words + "' is no order of experts",
                    "owner, number, load:LAYER, share:LAYER:GROUP or similarity:LAYER");
}

// "12" of "12:fr"; -1 where it is no number.
int layer_of(const std::string& text) {
    int layer = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), layer);
    const bool whole = error == std::errc() && (*end == ':' || end == text.data() + text.size());
    return whole ? layer : -1;
}

double distance(const LayerAnalysis& layer, std::size_t groups, std::size_t a, std::size_t b) {
    double sum = 0;
    for (std::size_t g = 0; g < groups; ++g) {
        sum += std::abs(layer.share(g, a) - layer.share(g, b));
    }
    return sum;
}

// Missing values last.
std::vector<std::size_t> by_falling(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t e) {
        return std::isfinite(values[e]) ? values[e] : -1.0;
    });
    return order;
}

// A walk that starts at the busiest expert and goes on to the one most like it that is left.
std::vector<std::size_t> by_similarity(const LayerAnalysis& layer, std::size_t groups) {
    std::vector<std::size_t> left = by_falling(layer.mean_share);
    std::vector<std::size_t> order;
    while (!left.empty()) {
        auto next = left.begin();
        if (!order.empty()) {
            next = std::ranges::min_element(
                left, {}, [&](std::size_t e) { return distance(layer, groups, order.back(), e); });
        }
        order.push_back(*next);
        left.erase(next);
    }
    return order;
}

}  // namespace

std::string to_string(const ExpertSort& sort) {
    const Word& entry = *std::ranges::find(kWords, sort.by, &Word::by);
    std::string words = entry.word;
    if (entry.layer) words += ":" + std::to_string(sort.layer);
    if (entry.group) words += ":" + sort.group;
    return words;
}

ExpertSort parse_expert_sort(const std::string& words) {
    const std::size_t colon = std::min(words.find(':'), words.size());
    const auto entry = std::ranges::find(kWords, words.substr(0, colon), &Word::word);
    if (entry == kWords.end() || entry->layer != (colon < words.size())) refuse(words);
    ExpertSort sort{.by = entry->by};
    if (!entry->layer) return sort;
    const std::string rest = words.substr(colon + 1);
    const std::size_t second = std::min(rest.find(':'), rest.size());
    sort.layer = layer_of(rest);
    if (sort.layer < 0 || entry->group != (second < rest.size())) refuse(words);
    if (entry->group) sort.group = rest.substr(second + 1);
    return sort;
}

std::vector<std::size_t> sorted_experts(const Analysis& analysis, const ExpertSort& sort) {
    std::vector<std::size_t> order;
    if (sort.by == By::number) {
        order.resize(column_count(analysis));
        std::iota(order.begin(), order.end(), std::size_t{0});
        return order;
    }
    const auto layer = std::ranges::find(analysis.layers, sort.layer, &LayerAnalysis::layer);
    if (sort.by == By::owner || layer == analysis.layers.end()) return order;
    const std::size_t groups = analysis.groups.size();
    if (sort.by == By::load) order = by_falling(layer->mean_share);
    if (sort.by == By::similarity) order = by_similarity(*layer, groups);
    if (sort.by == By::share) {
        const auto group = std::ranges::find(analysis.groups, sort.group, &GroupSample::label);
        if (group == analysis.groups.end()) return order;
        const auto row = static_cast<std::size_t>(group - analysis.groups.begin());
        order = by_falling(layer->share.row(row));
    }
    // Experts that only other layers have come last.
    for (std::size_t e = layer->experts; e < column_count(analysis); ++e) order.push_back(e);
    return order;
}

}  // namespace alluvium
