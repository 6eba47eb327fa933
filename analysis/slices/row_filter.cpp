#include "analysis/slices/row_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "analysis/slices/slice_values.h"
#include "analysis/token_class.h"

namespace alluvium {
namespace {

using Test = std::function<SliceMask(const SliceBlock&)>;

class Binder {
  public:
    Binder(const RoutingTrace& trace, const Slice& slice) : trace_(trace), slice_(slice) {
        for_each_node(slice.root, [&](const SliceNode& node) {
            for (const RouteStep& step : node.steps) {
                route_layers_.push_back(routed_layer(trace, slice, step));
            }
        });
    }

    Test bind(const SliceNode& node) const {
        switch (node.kind) {
            case SliceNode::Kind::all_of:
                return joined(node, [](std::uint8_t& a, std::uint8_t b) { a &= b; });
            case SliceNode::Kind::any_of:
                return joined(node, [](std::uint8_t& a, std::uint8_t b) { a |= b; });
            case SliceNode::Kind::negation:
                return negated(bind(node.children.front()));
            case SliceNode::Kind::route:
                return route(node);
            case SliceNode::Kind::compare:
                break;
        }
        return comparison(node);
    }

  private:
    Test joined(const SliceNode& node, void (*join)(std::uint8_t&, std::uint8_t)) const {
        std::vector<Test> parts;
        for (const SliceNode& child : node.children) parts.push_back(bind(child));
        return [parts, join](const SliceBlock& block) {
            SliceMask mask = parts.front()(block);
            for (std::size_t p = 1; p < parts.size(); ++p) {
                const SliceMask other = parts[p](block);
                for (std::size_t i = 0; i < mask.size(); ++i) join(mask[i], other[i]);
            }
            return mask;
        };
    }

    static Test negated(Test test) {
        return [test = std::move(test)](const SliceBlock& block) {
            SliceMask mask = test(block);
            for (std::uint8_t& one : mask) one = one == 0;
            return mask;
        };
    }

    Test comparison(const SliceNode& node) const {
        switch (column_of(trace_.header(), slice_, node)) {
            case SliceColumn::prompt:
                return of_prompts(matching_prompts(trace_.header(), slice_, node));
            case SliceColumn::position:
                return of_numbers(
                    node, [](const TokenTable& t) -> auto& { return t.position; });
            case SliceColumn::token:
                return of_numbers(
                    node, [](const TokenTable& t) -> auto& { return t.id; });
            case SliceColumn::token_class:
                return of_classes(matching_classes(slice_, node));
            case SliceColumn::phase:
                return of_flags(
                    node, kPhaseWords, [](const TokenTable& t) -> auto& { return t.phase; });
            case SliceColumn::special:
                return of_flags(
                    node, kSpecialWords, [](const TokenTable& t) -> auto& { return t.special; });
            case SliceColumn::margin:
                break;
        }
        return of_margins(node);
    }

    static Test of_prompts(SliceMask prompts) {
        return [prompts = std::move(prompts)](const SliceBlock& block) {
            SliceMask mask(block.size(), 0);
            for (std::size_t i = 0; i < mask.size(); ++i) {
                const std::uint32_t p = block.tokens().prompt[i];
                mask[i] = p < prompts.size() && prompts[p] != 0;
            }
            return mask;
        };
    }

    template <typename Column>
    Test of_numbers(const SliceNode& node, Column column) const {
        return [test = number_test(slice_, node), column](const SliceBlock& block) {
            SliceMask mask;
            mask.reserve(block.size());
            for (const std::uint32_t value : column(block.tokens())) mask.push_back(test(value));
            return mask;
        };
    }

    template <typename Column>
    Test of_flags(const SliceNode& node, const std::vector<std::string>& words,
                  Column column) const {
        const std::array<bool, 2> wanted = wanted_flags(slice_, node, words);
        return [wanted, column](const SliceBlock& block) {
            const std::vector<std::uint8_t>& flags = column(block.tokens());
            SliceMask mask(block.size(), wanted[0]);
            for (std::size_t i = 0; i < flags.size(); ++i) mask[i] = wanted[flags[i] != 0];
            return mask;
        };
    }

    Test of_classes(SliceMask classes) const {
        return [&trace = trace_, classes = std::move(classes)](const SliceBlock& block) {
            SliceMask mask;
            mask.reserve(block.size());
            for (const TokenClass kind : classes_of_rows(trace, block.range())) {
                mask.push_back(classes[static_cast<std::size_t>(kind)]);
            }
            return mask;
        };
    }

    Test of_margins(const SliceNode& node) const {
        const std::vector<std::size_t> layers = margin_layers(node);
        return
            [&trace = trace_, layers, test = number_test(slice_, node)](const SliceBlock& block) {
                std::vector<float> least(block.size(), std::numeric_limits<float>::infinity());
                for (const std::size_t layer : layers) {
                    const std::vector<float> margin = trace.margin(layer, block.range());
                    // A missing margin stays missing: NaN compares with nothing.
                    for (std::size_t i = 0; i < least.size(); ++i) {
                        if (!std::isnan(least[i]) && !(margin[i] >= least[i])) least[i] = margin[i];
                    }
                }
                SliceMask mask;
                mask.reserve(least.size());
                for (const float margin : least) mask.push_back(test(margin));
                return mask;
            };
    }

    std::vector<std::size_t> margin_layers(const SliceNode& node) const {
        std::vector<std::size_t> layers = route_layers_;
        if (node.column != "margin") {
            const std::string number = node.column.substr(1, node.column.find('.') - 1);
            const double layer = number_in(number);
            const RouteStep step{
                layer >= 0 && layer < 1e6 ? static_cast<LayerId>(layer) : -1, {}, node.place};
            layers = {routed_layer(trace_, slice_, step)};
        }
        if (layers.empty()) {
            refuse_slice(slice_, node.place, "no route says at which layer the margin is meant",
                         "name the layer: L22.margin");
        }
        for (const std::size_t layer : layers) {
            if (trace_.layers()[layer].has_margin) continue;
            refuse_slice(slice_, node.place, "the trace holds no margins",
                         "capture again with this program: it records them");
        }
        return layers;
    }

    Test route(const SliceNode& node) const {
        struct Step {
            std::size_t layer;
            SliceMask wanted;  // [E]
        };
        std::vector<Step> steps;
        for (const RouteStep& step : node.steps) {
            const std::size_t layer = routed_layer(trace_, slice_, step);
            steps.push_back({layer, SliceMask(trace_.layers()[layer].experts, 0)});
            for (const ExpertId e : step.experts) steps.back().wanted[e] = 1;
        }
        return [&trace = trace_, steps](const SliceBlock& block) {
            SliceMask mask(block.size(), 1);
            for (const Step& step : steps) {
                const Grid<ExpertId> experts = trace.experts(step.layer, block.range());
                for (std::size_t i = 0; i < mask.size(); ++i) {
                    const auto row = experts.row(i);
                    mask[i] &= std::any_of(row.begin(), row.end(), [&](ExpertId e) {
                        return e < step.wanted.size() && step.wanted[e] != 0;
                    });
                }
            }
            return mask;
        };
    }

    const RoutingTrace& trace_;
    const Slice& slice_;
    std::vector<std::size_t> route_layers_;
};

}  // namespace

RowFilter::RowFilter(const RoutingTrace& trace, const Slice& slice)
    : RowFilter(trace, slice, slice.root) {}

RowFilter::RowFilter(const RoutingTrace& trace, const Slice& slice, const SliceNode& node)
    : test_(Binder(trace, slice).bind(node)),
      names_special_(names_column(node, "special")),
      names_phase_(names_column(node, "phase")) {}

}  // namespace alluvium
