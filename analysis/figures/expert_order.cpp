#include "analysis/figures/expert_order.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace alluvium {
namespace {

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

struct Owner {
    std::size_t place = kNobody;  // among the groups shown
    double share = 0;
};

Owner owner_of(const LayerAnalysis& layer, std::size_t expert,
               const std::vector<std::size_t>& groups) {
    Owner owner;
    if (expert >= layer.experts) return owner;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const double share = layer.share(groups[i], expert);
        if (share > owner.share) owner = {i, share};
    }
    return owner;
}

void append_spans(const Analysis& analysis, const std::vector<std::size_t>& groups,
                  const std::vector<Owner>& owners, ExpertOrder& order) {
    for (std::size_t column = 0; column < order.experts.size(); ++column) {
        const std::size_t place = owners[order.experts[column]].place;
        const std::string label = place == kNobody ? "" : analysis.groups[groups[place]].label;
        if (!order.owners.empty() && order.owners.back().label == label)
            ++order.owners.back().count;
        else
            order.owners.push_back({column, 1, label});
    }
}

}  // namespace

std::size_t column_count(const Analysis& analysis) {
    std::size_t most = 0;
    for (const LayerAnalysis& layer : analysis.layers)
        most = std::max<std::size_t>(most, layer.experts);
    return most;
}

ExpertOrder order_as_given(const std::vector<std::size_t>& experts) {
    ExpertOrder order;
    order.experts = experts;
    for (const std::size_t expert : experts) order.labels.push_back(std::to_string(expert));
    return order;
}

ExpertOrder order_by_owner(const Analysis& analysis, const std::vector<std::size_t>& groups) {
    ExpertOrder order;
    order.experts.resize(column_count(analysis));
    std::iota(order.experts.begin(), order.experts.end(), std::size_t{0});
    if (analysis.layers.empty()) return order;
    std::vector<Owner> owners;
    for (const std::size_t expert : order.experts)
        owners.push_back(owner_of(analysis.layers.back(), expert, groups));
    std::sort(order.experts.begin(), order.experts.end(), [&](std::size_t x, std::size_t y) {
        return std::tuple(owners[x].place, -owners[x].share, x) <
               std::tuple(owners[y].place, -owners[y].share, y);
    });
    const std::vector<std::string>& names = analysis.model.expert_labels;
    const bool named = names.size() == order.experts.size();
    for (const std::size_t expert : order.experts) {
        order.labels.push_back(named ? names[expert] : std::to_string(expert));
    }
    append_spans(analysis, groups, owners, order);
    return order;
}

ExpertOrder order_by_label(const Analysis& analysis, const std::vector<std::size_t>& groups) {
    const std::vector<std::string>& labels = analysis.model.expert_labels;
    if (labels.size() != column_count(analysis)) return order_by_owner(analysis, groups);
    const auto place = [&](std::size_t expert) {
        for (std::size_t i = 0; i < groups.size(); ++i)
            if (analysis.groups[groups[i]].label == labels[expert]) return i;
        return groups.size();
    };
    ExpertOrder order;
    order.experts.resize(labels.size());
    std::iota(order.experts.begin(), order.experts.end(), std::size_t{0});
    std::stable_sort(order.experts.begin(), order.experts.end(),
                     [&](std::size_t x, std::size_t y) { return place(x) < place(y); });
    for (const std::size_t expert : order.experts) order.labels.push_back(labels[expert]);
    return order;
}

}  // namespace alluvium
