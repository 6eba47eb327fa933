#include "analysis/figures/circuit_figure.h"

#include <map>
#include <set>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/figures/circuit_layout.h"
#include "analysis/figures/circuit_model.h"
#include "analysis/figures/colors.h"
#include "tests/support/figure_checks.h"
#include "tests/support/planted_analysis.h"
#include "tests/support/planted_languages.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Approx;

namespace {

struct Shape3 {
    std::size_t languages, layers;
    std::uint32_t experts, top_k;
};

Analysis planted(const Shape3& shape) {
    return planted_analysis({.groups = language_codes(shape.languages),
                             .layers = shape.layers,
                             .experts = shape.experts,
                             .top_k = shape.top_k});
}

Figure draw(const Analysis& analysis, CircuitFigureOptions options = {}) {
    options.looks = group_looks(analysis, language_table());
    return circuit_figure(analysis, options, light_theme(), plain_meter());
}

// Two layers of two experts, groups a and b, both on expert 0, then apart.
Analysis two_roads() {
    Analysis analysis;
    analysis.groups = {{.label = "a", .tokens = 10}, {.label = "b", .tokens = 10}};
    for (const int layer : {0, 1}) {
        LayerAnalysis l;
        l.layer = layer;
        l.experts = 2;
        l.top_k = 1;
        analysis.layers.push_back(l);
    }
    Circuit circuit;
    circuit.nodes = {{0, 0, NodeKind::shared, {{0, 0.8}, {1, 0.9}}},
                     {0, kOtherNode, NodeKind::other, {{0, 0.2}, {1, 0.1}}},
                     {1, 0, NodeKind::exclusive, {{0, 0.7}}},
                     {1, 1, NodeKind::exclusive, {{1, 0.6}}},
                     {1, kOtherNode, NodeKind::other, {{0, 0.3}, {1, 0.4}}}};
    circuit.links = {{0, 0, 0, 0, 0.5},          {0, 0, kOtherNode, 0, 0.3},
                     {0, 0, 1, 1, 0.6},          {0, 0, kOtherNode, 1, 0.3},
                     {0, kOtherNode, 0, 0, 0.2}, {0, kOtherNode, kOtherNode, 1, 0.1}};
    circuit.sharing = {{0, 0.95, 0.99, 0.98}, {1, 0.1, 0.99, 0.98}};
    analysis.circuit = circuit;
    return analysis;
}

double thickness(const RibbonShape& r) {
    return r.bottom0 - r.top0;
}

struct DrawnRibbon {
    const RibbonShape* shape;
    const Datum* datum;
};

std::vector<DrawnRibbon> ribbons_of(const Figure& figure) {
    std::vector<DrawnRibbon> out;
    for (const Mark& mark : figure.marks)
        if (const auto* ribbon = std::get_if<RibbonShape>(&mark.shape); ribbon && mark.datum >= 0)
            out.push_back({ribbon, &figure.data[static_cast<std::size_t>(mark.datum)]});
    return out;
}

}  // namespace

TEST_CASE("a circuit of any size keeps to its page and no labels run into each other") {
    const auto shape = GENERATE(Shape3{12, 8, 12, 2}, Shape3{8, 12, 12, 2}, Shape3{9, 48, 128, 8},
                                Shape3{5, 3, 65, 6}, Shape3{12, 2, 12, 2}, Shape3{50, 8, 12, 2},
                                Shape3{1, 6, 8, 2}, Shape3{3, 24, 3, 1}, Shape3{2, 1, 4, 1});
    const Analysis analysis = planted(shape);
    const Figure figure = draw(analysis);
    CAPTURE(shape.languages, shape.layers, shape.experts, figure.width, figure.height);
    CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
    CHECK(overlapping_labels(figure, plain_meter()) == std::vector<std::string>{});
}

TEST_CASE("ribbons are as wide as what they carry, on one scale, at both ends") {
    const Analysis analysis = planted({8, 6, 12, 2});
    const Figure figure = draw(analysis);
    double scale = 0;
    for (const auto& [shape, datum] : ribbons_of(figure)) {
        const double flow = value_of(*datum, "flow")->number;
        if (scale == 0) scale = thickness(*shape) / flow;
        CHECK(thickness(*shape) == Approx(scale * flow).margin(1e-9));
        CHECK(shape->bottom1 - shape->top1 == Approx(thickness(*shape)).margin(1e-9));
    }
    CHECK(scale > 0);
}

TEST_CASE("what is drawn between two layers is all that flows between kept experts") {
    const Analysis analysis = planted({8, 6, 12, 2});
    const Figure figure = draw(analysis);
    std::map<int, double> drawn, flowing;
    for (const auto& [shape, datum] : ribbons_of(figure))
        drawn[datum->layer] += value_of(*datum, "flow")->number;
    for (const CircuitLink& link : analysis.circuit->links)
        if (link.from != kOtherNode && link.to != kOtherNode) flowing[link.layer] += link.flow;
    REQUIRE(drawn.size() == flowing.size());
    for (const auto& [layer, flow] : flowing) CHECK(drawn[layer] == Approx(flow));
}

TEST_CASE("ribbons stay inside their nodes and do not overlap where they leave") {
    const Analysis analysis = planted({12, 8, 12, 2});
    CircuitModel model = circuit_model(*analysis.circuit, group_looks(analysis, language_table()),
                                       {}, light_theme());
    const CircuitSpace space{.height = 400, .slot = 10, .gap = 6};
    const CircuitLayout layout = layout_circuit(model, space);
    for (std::size_t n = 0; n < model.nodes.size(); ++n) {
        const double half = model.nodes[n].mass * layout.scale / 2;
        std::vector<std::pair<double, double>> ends;
        for (std::size_t c = 0; c < model.cables.size(); ++c)
            if (model.cables[c].from == n)
                ends.emplace_back(layout.cables[c].from_top,
                                  layout.cables[c].from_top + model.cables[c].flow * layout.scale);
        std::sort(ends.begin(), ends.end());
        for (std::size_t i = 0; i < ends.size(); ++i) {
            CHECK(ends[i].first >= layout.centers[n] - half - 1e-6);
            CHECK(ends[i].second <= layout.centers[n] + half + 1e-6);
            if (i > 0) CHECK(ends[i].first >= ends[i - 1].second - 1e-6);
        }
    }
}

TEST_CASE("nodes of a column never overlap and keep room for their numbers") {
    const Analysis analysis = planted({12, 8, 12, 2});
    const CircuitModel model = circuit_model(
        *analysis.circuit, group_looks(analysis, language_table()), {}, light_theme());
    const CircuitSpace space{.height = 400, .slot = 10, .gap = 6};
    const CircuitLayout layout = layout_circuit(model, space);
    for (const auto& column : layout.order)
        for (std::size_t i = 1; i < column.size(); ++i) {
            const auto room = [&](std::size_t n) {
                return std::max(space.slot, model.nodes[n].mass * layout.scale) + space.gap;
            };
            CHECK(layout.centers[column[i]] - layout.centers[column[i - 1]] >=
                  (room(column[i]) + room(column[i - 1])) / 2 - 1e-6);
        }
}

TEST_CASE("ordering the nodes removes crossings, and gives the same picture every time") {
    const Analysis analysis = planted({12, 8, 12, 2});
    const CircuitModel model = circuit_model(
        *analysis.circuit, group_looks(analysis, language_table()), {}, light_theme());
    std::vector<std::vector<std::size_t>> as_given;
    for (const CircuitColumn& column : model.columns) as_given.push_back(column.nodes);
    const CircuitSpace space{.height = 400, .slot = 10, .gap = 6};
    const CircuitLayout layout = layout_circuit(model, space);
    CHECK(weighted_crossings(model, layout.order) < 0.7 * weighted_crossings(model, as_given));
    CHECK(layout_circuit(model, space).centers == layout.centers);
}

TEST_CASE("crossings are counted with the product of the flows") {
    const Analysis analysis = two_roads();
    CircuitModel model = circuit_model(*analysis.circuit, group_looks(analysis), {}, light_theme());
    // One more node below, so that there is something to cross.
    DrawnNode node = model.nodes[0];
    model.columns[0].nodes.push_back(model.nodes.size());
    model.nodes.push_back(node);
    const std::size_t low = model.nodes.size() - 1;
    model.cables = {{0, 2, {}, {}, 0.5, false}, {low, 1, {}, {}, 0.25, false}};
    CHECK(weighted_crossings(model, {{0, low}, {1, 2}}) == Approx(0.125));
    CHECK(weighted_crossings(model, {{0, low}, {2, 1}}) == 0);
}

TEST_CASE("a road that all share is one neutral ribbon; after the fork each has its colour") {
    Analysis analysis = two_roads();
    // A layer before, all of it shared.
    for (CircuitNode& node : analysis.circuit->nodes) ++node.layer;
    for (CircuitLink& link : analysis.circuit->links) ++link.layer;
    analysis.circuit->nodes.insert(analysis.circuit->nodes.begin(),
                                   {0, 1, NodeKind::shared, {{0, 0.8}, {1, 0.9}}});
    analysis.circuit->links.push_back({0, 1, 0, 0, 0.7});
    analysis.circuit->links.push_back({0, 1, 0, 1, 0.6});
    const Figure figure = circuit_figure(analysis, {}, light_theme(), plain_meter());
    std::map<std::string, Color> fills;
    for (const auto& [shape, datum] : ribbons_of(figure)) {
        Color opaque = shape->fill;
        opaque.a = 255;
        fills[std::to_string(datum->layer) + datum->group] = opaque;
    }
    REQUIRE(fills.size() == 3);
    CHECK(fills.at("0all") == neutral_color(light_theme()));
    CHECK(fills.at("1a") == selection_palette(light_theme())[0]);
    CHECK(fills.at("1b") == selection_palette(light_theme())[1]);
}

TEST_CASE("nodes, ribbons, what is outside and the overlap carry their numbers") {
    const Figure figure = circuit_figure(two_roads(), {}, light_theme(), plain_meter());
    const Datum* node = find_datum(figure, "node", 0, 0, "");
    REQUIRE(node != nullptr);
    CHECK(value_of(*node, "kind")->text == "shared");
    CHECK(value_of(*node, "a")->number == 0.8);
    const Datum* ribbon = find_datum(figure, "ribbon", 0, 0, "b");
    REQUIRE(ribbon != nullptr);
    CHECK(ribbon->to_expert == 1);
    CHECK(value_of(*ribbon, "flow")->number == 0.6);
    const Datum* other = find_datum(figure, "other", 1, -1, "");
    REQUIRE(other != nullptr);
    CHECK(value_of(*other, "mean")->number == Approx(0.35));
    CHECK(value_of(*other, "b")->number == 0.4);
    CHECK(value_of(*find_datum(figure, "sharing", 1, -1, ""), "overlap")->number == 0.1);
    CHECK(has_text(figure, "35%"));
    CHECK(figure.title.find("0.95 in layer 0, 0.10 in layer 1") != std::string::npos);
}

TEST_CASE("a pointer on a ribbon reads its language") {
    const Figure figure = circuit_figure(two_roads(), {}, light_theme(), plain_meter());
    for (const auto& [shape, datum] : ribbons_of(figure)) {
        const double x = (shape->x0 + shape->x1) / 2;
        const Extent at = ribbon_at(*shape, x);
        CHECK(hit_test(figure, {x, (at.top + at.bottom) / 2}) == datum);
    }
}

TEST_CASE("exclusive, partial and shared nodes differ in outline, not only in colour") {
    Analysis analysis = two_roads();
    analysis.groups.push_back({.label = "c", .tokens = 10});
    analysis.circuit->nodes[0].kind = NodeKind::partial;
    analysis.circuit->nodes.insert(analysis.circuit->nodes.begin() + 1,
                                   {0, 1, NodeKind::shared, {{0, 0.1}, {1, 0.1}, {2, 0.1}}});
    const Figure figure = circuit_figure(analysis, {}, light_theme(), plain_meter());
    std::set<std::pair<double, bool>> outlines;  // width, rounded
    for (const Mark& mark : figure.marks)
        if (const auto* rect = std::get_if<RectShape>(&mark.shape); rect && rect->stroke.a > 0)
            outlines.insert({rect->stroke_width, rect->radius > 0});
    CHECK(outlines.size() == 3);
}

TEST_CASE("a crowded layer bundles experts that are kept alike, and nothing is lost") {
    const Analysis analysis = planted({9, 4, 128, 8});
    const auto looks = group_looks(analysis, language_table());
    const CircuitModel all =
        circuit_model(*analysis.circuit, looks, {.most_nodes = 1000}, light_theme());
    const CircuitModel few =
        circuit_model(*analysis.circuit, looks, {.most_nodes = 12}, light_theme());
    for (const CircuitColumn& column : few.columns) CHECK(column.nodes.size() <= 12);
    double mass_all = 0, mass_few = 0, flow_all = 0, flow_few = 0;
    std::size_t experts = 0;
    for (const DrawnNode& node : all.nodes) mass_all += node.mass;
    for (const DrawnNode& node : few.nodes) {
        mass_few += node.mass;
        experts += std::max<std::size_t>(node.bundled, 1);
    }
    for (const Cable& cable : all.cables) flow_all += cable.flow;
    for (const Cable& cable : few.cables) flow_few += cable.flow;
    CHECK(mass_few == Approx(mass_all));
    CHECK(flow_few == Approx(flow_all));
    CHECK(experts == all.nodes.size());
}

TEST_CASE("experts of different languages in one bundle do not make a road that all share") {
    Analysis analysis = two_roads();
    Circuit& circuit = *analysis.circuit;
    circuit.nodes.clear();
    circuit.links.clear();
    for (const int layer : {0, 1})
        for (const int expert : {0, 1, 2, 3})
            circuit.nodes.push_back({layer,
                                     expert,
                                     NodeKind::exclusive,
                                     {{static_cast<std::size_t>(expert % 2), 0.25}}});
    for (const int expert : {0, 1, 2, 3})
        circuit.links.push_back({0, expert, expert, static_cast<std::size_t>(expert % 2), 0.25});
    const CircuitModel model =
        circuit_model(circuit, group_looks(analysis), {.most_nodes = 3}, light_theme());
    for (const Cable& cable : model.cables) CHECK_FALSE(cable.shared_by_all);
}

TEST_CASE("selected languages keep their colour, the others become one grey strand") {
    const Analysis analysis = planted({12, 4, 12, 2});
    const std::vector<std::size_t> selected{2, 7};
    const CircuitModel model =
        circuit_model(*analysis.circuit, group_looks(analysis, language_table()),
                      {.selected = selected}, light_theme());
    REQUIRE(model.lanes.size() == 3);
    CHECK(model.lanes.back().groups.size() == 10);
    CHECK(model.lanes.back().color == neutral_color(light_theme()));
}

TEST_CASE("a window of layers shows these layers only") {
    CircuitFigureOptions options;
    options.first_layer = 2;
    options.last_layer = 4;
    const Figure figure = draw(planted({4, 8, 12, 2}), options);
    std::set<int> layers;
    for (const Datum& d : figure.data) layers.insert(d.layer);
    CHECK(layers == std::set<int>{2, 3, 4});
}

TEST_CASE("without a circuit the figure says why") {
    Analysis analysis = planted_analysis({.groups = language_codes(3), .counts = true});
    analysis.missing["circuit"] = "needs tokens";
    const Figure figure = circuit_figure(analysis, {}, light_theme(), plain_meter());
    CHECK(has_text(figure, "needs tokens"));
    CHECK(figure.data.empty());
}

TEST_CASE("Layers without a router interrupt the ribbons and say which they are") {
    const auto dense_marks = [](const Figure& figure) {
        std::vector<std::pair<Datum, Rect>> marks;
        for (const Mark& mark : figure.marks) {
            if (mark.datum < 0) continue;
            const Datum& datum = figure.data[static_cast<std::size_t>(mark.datum)];
            if (datum.kind == "dense")
                marks.push_back({datum, std::get<RectShape>(mark.shape).rect});
        }
        return marks;
    };
    Analysis analysis = two_roads();
    CHECK(dense_marks(draw(analysis)).empty());

    for (CircuitNode& node : analysis.circuit->nodes) node.layer *= 3;
    analysis.circuit->sharing[1].layer = analysis.layers[1].layer = 3;
    const Figure figure = draw(analysis);
    const auto marks = dense_marks(figure);
    REQUIRE(marks.size() == 1);
    CHECK(marks[0].first.layer == 1);
    CHECK(marks[0].first.values[0].number == 2);
    for (const Mark& mark : figure.marks) {
        const auto* ribbon = std::get_if<RibbonShape>(&mark.shape);
        if (ribbon == nullptr || mark.datum < 0) continue;  // the key's
        CHECK(ribbon->x0 < marks[0].second.x);
        CHECK(ribbon->x1 > marks[0].second.x + marks[0].second.width);
    }
}
