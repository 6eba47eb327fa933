#include "analysis/cross_layer_flow.h"

#include <algorithm>
#include <span>

namespace alluvium {
namespace {

// One layer's choices in a stretch of rows, as what they carry.
class CarriedRows {
  public:
    CarriedRows() = default;
    CarriedRows(const RoutingTrace& trace, std::size_t routed, TokenRange range, FlowKind flow)
        : experts_(trace.experts(routed, range)), top1_(flow == FlowKind::top1) {
        if (top1_) return;
        const Grid<float> applied = trace.weights(routed, range);
        weights_ = Grid<double>(applied.rows(), applied.cols());
        for (std::size_t i = 0; i < applied.rows(); ++i) normalise(applied.row(i), weights_.row(i));
    }

    std::span<const ExpertId> experts(std::size_t i) const {
        return experts_.row(i).first(top1_ ? 1 : experts_.cols());
    }
    double weight(std::size_t i, std::size_t r) const { return top1_ ? 1.0 : weights_(i, r); }

  private:
    static void normalise(std::span<const float> applied, std::span<double> carried) {
        double total = 0;
        for (const float w : applied) total += w;
        for (std::size_t r = 0; r < applied.size(); ++r) carried[r] = applied[r] / total;
    }

    Grid<ExpertId> experts_;
    Grid<double> weights_;
    bool top1_ = false;
};

// Experts to slots at both ends, for one group.
struct SlotMap {
    std::span<const std::uint32_t> from, to;
};

// Adds rows [begin, end) of a stretch to one group's table.
void add_rows(const CarriedRows& here, const CarriedRows& next, TokenRange rows, SlotMap slots,
              Grid<double>& table) {
    for (std::size_t i = rows.begin; i < rows.end; ++i) {
        const auto from = here.experts(i);
        const auto to = next.experts(i);
        for (std::size_t r = 0; r < from.size(); ++r) {
            const auto row = table.row(slots.from[from[r]]);
            const double carried = here.weight(i, r);
            for (std::size_t s = 0; s < to.size(); ++s) {
                row[slots.to[to[s]]] += carried * next.weight(i, s);
            }
        }
    }
}

FlowTables empty_tables(const std::vector<FlowSlots>& layers) {
    FlowTables tables;
    for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
        auto& pair = tables.emplace_back();
        for (std::size_t g = 0; g < layers[l].slots.size(); ++g) {
            pair.emplace_back(layers[l].slots[g], layers[l + 1].slots[g], 0.0);
        }
    }
    return tables;
}

}  // namespace

FlowTables cross_layer_flow(const RoutingTrace& trace, const TokenSelection& selection,
                            const std::vector<std::int32_t>& labels,
                            const std::vector<FlowSlots>& layers, FlowKind flow,
                            Progress& progress) {
    FlowTables tables = empty_tables(layers);
    visit_blocks(selection, [&](TokenRange range, std::span<const TokenRun> runs) {
        CarriedRows here;
        CarriedRows next(trace, 0, range, flow);
        for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
            progress.check();
            here = std::move(next);
            next = CarriedRows(trace, l + 1, range, flow);
            for (const TokenRun& run : runs) {
                const auto g = static_cast<std::size_t>(labels[run.prompt]);
                add_rows(here, next, {run.begin - range.begin, run.end - range.begin},
                         {layers[l].slot.row(g), layers[l + 1].slot.row(g)}, tables[l][g]);
            }
            progress.advance(range.size());
        }
    });
    return tables;
}

}  // namespace alluvium
