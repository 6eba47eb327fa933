#include "analysis/figures/circuit_layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/figures/page.h"

namespace alluvium {
namespace {

using Order = std::vector<std::vector<std::size_t>>;

// Cables by the node they touch.
struct Wiring {
    explicit Wiring(const CircuitModel& model) : out(model.nodes.size()), in(model.nodes.size()) {
        for (std::size_t c = 0; c < model.cables.size(); ++c) {
            out[model.cables[c].from].push_back(c);
            in[model.cables[c].to].push_back(c);
        }
    }
    std::vector<std::vector<std::size_t>> out, in;
};

// Mean place of the lanes in a node, 0 (first lane) .. 1 (last).
double lane_center(const DrawnNode& node) {
    double sum = 0;
    for (std::size_t lane = 0; lane < node.lanes.size(); ++lane)
        sum += node.lanes[lane] * (static_cast<double>(lane) + 0.5);
    return node.mass > 0 ? sum / node.mass / static_cast<double>(node.lanes.size()) : 0.5;
}

// Place of every node in its column, 0 (top) .. 1.
std::vector<double> places_of(const CircuitModel& model, const Order& order) {
    std::vector<double> place(model.nodes.size());
    for (const auto& column : order)
        for (std::size_t i = 0; i < column.size(); ++i)
            place[column[i]] = (static_cast<double>(i) + 0.5) / static_cast<double>(column.size());
    return place;
}

void sort_by(std::vector<std::size_t>& column, const std::vector<double>& key) {
    std::stable_sort(column.begin(), column.end(),
                     [&](std::size_t a, std::size_t b) { return key[a] < key[b]; });
}

// Orders a column by the mean place of the neighbours its cables lead to; nodes without cables on
// that side keep their place.
void sweep_column(const CircuitModel& model, const Wiring& wiring, bool forward, std::size_t column,
                  Order& order) {
    const std::vector<double> place = places_of(model, order);
    std::vector<double> key = place;
    for (const std::size_t node : order[column]) {
        double sum = 0, weight = 0;
        for (const std::size_t c : forward ? wiring.in[node] : wiring.out[node]) {
            const Cable& cable = model.cables[c];
            sum += cable.flow * place[forward ? cable.from : cable.to];
            weight += cable.flow;
        }
        if (weight > 0) key[node] = sum / weight;
    }
    sort_by(order[column], key);
}

Order best_order(const CircuitModel& model, const Wiring& wiring) {
    constexpr int kSweeps = 10;
    std::vector<double> key(model.nodes.size());
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = lane_center(model.nodes[i]);
    Order order;
    for (const CircuitColumn& column : model.columns) {
        order.push_back(column.nodes);
        sort_by(order.back(), key);
    }
    Order best = order;
    double least = weighted_crossings(model, order);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        const bool forward = sweep % 2 == 0;
        for (std::size_t i = 1; i < order.size(); ++i)
            sweep_column(model, wiring, forward, forward ? i : order.size() - 1 - i, order);
        const double crossings = weighted_crossings(model, order);
        if (crossings < least) {
            least = crossings;
            best = order;
        }
    }
    return best;
}

// The largest scale at which every column fits.
double scale_for(const CircuitModel& model, const CircuitSpace& space) {
    const auto fits = [&](double scale) {
        for (const CircuitColumn& column : model.columns) {
            double height = 0;
            for (const std::size_t node : column.nodes)
                height += std::max(space.slot, model.nodes[node].mass * scale) + space.gap;
            if (height - space.gap > space.height) return false;
        }
        return true;
    };
    double low = 0, high = space.height;
    if (fits(high)) return high;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (fits(middle) ? low : high) = middle;
    }
    return low;
}

class Relaxation {
  public:
    Relaxation(const CircuitModel& model, const Wiring& wiring, const CircuitSpace& space,
               CircuitLayout& layout)
        : model_(model), wiring_(wiring), space_(space), layout_(layout) {}

    void run() {
        layout_.centers.assign(model_.nodes.size(), space_.height / 2);
        for (std::size_t column = 0; column < layout_.order.size(); ++column)
            settle(column, evenly(column));
        constexpr int kRounds = 30;
        for (int round = 0; round < kRounds; ++round)
            for (std::size_t i = 0; i < layout_.order.size(); ++i)
                settle(round % 2 == 0 ? i : layout_.order.size() - 1 - i, {});
    }

  private:
    double room_of(std::size_t node) const {
        return std::max(space_.slot, model_.nodes[node].mass * layout_.scale) + space_.gap;
    }

    // Over the whole height, as a start.
    std::vector<double> evenly(std::size_t column) const {
        const auto& nodes = layout_.order[column];
        double used = 0;
        for (const std::size_t node : nodes) used += room_of(node);
        const double spare = std::max(0.0, space_.height + space_.gap - used);
        const double between = spare / static_cast<double>(nodes.size() + 1);
        std::vector<double> out;
        double y = -space_.gap / 2;
        for (const std::size_t node : nodes) {
            y += between;
            out.push_back(y + room_of(node) / 2);
            y += room_of(node);
        }
        return out;
    }

    double wanted(std::size_t node) const {
        double sum = 0, weight = 0;
        for (const std::size_t c : wiring_.in[node]) {
            sum += model_.cables[c].flow * layout_.centers[model_.cables[c].from];
            weight += model_.cables[c].flow;
        }
        for (const std::size_t c : wiring_.out[node]) {
            sum += model_.cables[c].flow * layout_.centers[model_.cables[c].to];
            weight += model_.cables[c].flow;
        }
        if (weight == 0) return layout_.centers[node];
        // Half way: columns that answer each other fully would swing.
        return 0.5 * layout_.centers[node] + 0.5 * sum / weight;
    }

    void settle(std::size_t column, std::vector<double> where) {
        const auto& nodes = layout_.order[column];
        std::vector<double> heights;
        for (const std::size_t node : nodes) heights.push_back(room_of(node));
        if (where.empty())
            for (const std::size_t node : nodes) where.push_back(wanted(node));
        const std::vector<double> centers =
            spread_boxes(where, heights, -space_.gap / 2, space_.height + space_.gap / 2);
        for (std::size_t i = 0; i < nodes.size(); ++i) layout_.centers[nodes[i]] = centers[i];
    }

    const CircuitModel& model_;
    const Wiring& wiring_;
    const CircuitSpace& space_;
    CircuitLayout& layout_;
};

// Cables lie at a node's edge in the order of where they go or come from, centred on it.
void attach_cables(const CircuitModel& model, const Wiring& wiring, CircuitLayout& layout) {
    layout.cables.resize(model.cables.size());
    const auto attach = [&](std::size_t node, std::vector<std::size_t> cables, bool leaving) {
        const auto far_end = [&](std::size_t c) {
            return layout.centers[leaving ? model.cables[c].to : model.cables[c].from];
        };
        std::stable_sort(cables.begin(), cables.end(),
                         [&](std::size_t a, std::size_t b) { return far_end(a) < far_end(b); });
        double total = 0;
        for (const std::size_t c : cables) total += model.cables[c].flow * layout.scale;
        double y = layout.centers[node] - total / 2;
        for (const std::size_t c : cables) {
            (leaving ? layout.cables[c].from_top : layout.cables[c].to_top) = y;
            y += model.cables[c].flow * layout.scale;
        }
    };
    for (std::size_t node = 0; node < model.nodes.size(); ++node) {
        attach(node, wiring.out[node], true);
        attach(node, wiring.in[node], false);
    }
}

}  // namespace

double weighted_crossings(const CircuitModel& model, const Order& order) {
    const std::vector<double> place = places_of(model, order);
    std::vector<std::vector<const Cable*>> gaps(model.columns.size());
    for (const Cable& cable : model.cables) gaps[model.nodes[cable.from].column].push_back(&cable);
    double sum = 0;
    for (const auto& cables : gaps)
        for (std::size_t i = 0; i < cables.size(); ++i)
            for (std::size_t j = i + 1; j < cables.size(); ++j) {
                const double from = place[cables[i]->from] - place[cables[j]->from];
                const double to = place[cables[i]->to] - place[cables[j]->to];
                if (from * to < 0) sum += cables[i]->flow * cables[j]->flow;
            }
    return sum;
}

CircuitLayout layout_circuit(const CircuitModel& model, const CircuitSpace& space) {
    const Wiring wiring(model);
    CircuitLayout layout;
    layout.order = best_order(model, wiring);
    layout.scale = scale_for(model, space);
    Relaxation(model, wiring, space, layout).run();
    attach_cables(model, wiring, layout);
    return layout;
}

}  // namespace alluvium
