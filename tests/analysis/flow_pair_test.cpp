// Two predictions of one model, compared by the experts they came by.
#include <set>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "analysis/figures/colors.h"
#include "analysis/figures/flow_pair_figure.h"
#include "analysis/flow_overlap.h"
#include "base/error.h"
#include "tests/support/figure_checks.h"

using namespace alluvium;

namespace {

// Two layers, two tokens: token 1 reads token 0 in layer 1.
InformationFlow flow_of(const std::vector<std::tuple<LayerId, int, double>>& experts) {
    InformationFlow flow;
    flow.model = "m";
    flow.layers = 2;
    flow.threshold = 0.05;
    flow.tokens = {{1, "Guten"}, {2, " Tag"}};
    flow.token = 1;
    flow.predicted = {{{3, "!"}, 0.5}};
    const auto add = [&](LayerId layer, FlowPartKind kind, int expert, double contribution) {
        FlowEdge& edge = flow.edges.emplace_back();
        edge.layer = layer;
        edge.kind = kind;
        edge.from = edge.to = 1;
        edge.expert = expert;
        edge.contribution = contribution;
    };
    for (const LayerId layer : {1, 0}) add(layer, FlowPartKind::residual, -1, 0.3);
    for (const auto& [layer, expert, contribution] : experts) {
        add(layer, FlowPartKind::expert, expert, contribution);
    }
    return flow;
}

std::vector<int> numbers(const std::vector<FlowExpert>& experts) {
    std::vector<int> result;
    for (const FlowExpert& e : experts) result.push_back(e.expert);
    return result;
}

}  // namespace

TEST_CASE("Experts of both predictions and of one alone are told apart by layer") {
    const InformationFlow a = flow_of({{0, 4, 0.2}, {0, 1, 0.1}, {0, 4, 0.3}, {1, 2, 0.2}});
    InformationFlow b = flow_of({{0, 4, 0.1}, {1, 3, 0.4}, {1, 2, 0.06}});
    const FlowOverlap overlap = flow_overlap(a, b);
    REQUIRE(overlap.layers.size() == 2);
    CHECK(numbers(overlap.layers[0].both) == std::vector{4});
    CHECK(overlap.layers[0].both[0].a == 0.3);  // the largest of two tokens
    CHECK(overlap.layers[0].both[0].b == 0.1);
    CHECK(numbers(overlap.layers[0].only_a) == std::vector{1});
    CHECK(numbers(overlap.layers[1].both) == std::vector{2});
    CHECK(numbers(overlap.layers[1].only_b) == std::vector{3});
    CHECK(overlap.jaccard() == 0.5);  // 2 of 4

    b.threshold = 0.15;  // what B left out cannot be held against A
    CHECK(numbers(flow_overlap(a, b).layers[0].only_a) == std::vector{4});
    b.model = "n";
    CHECK_THROWS_AS(flow_overlap(a, b), UserError);
}

TEST_CASE("A picture of two predictions holds both, and what they have in common between them") {
    const InformationFlow a = flow_of({{0, 4, 0.2}, {0, 1, 0.1}, {1, 2, 0.2}});
    const InformationFlow b = flow_of({{0, 4, 0.1}, {1, 3, 0.4}, {1, 2, 0.06}});
    for (const Theme& theme : {light_theme(), dark_theme()}) {
        const Figure figure = flow_pair_figure({"German", "de", a}, {"Thai", "th", b}, {}, theme,
                                               test::plain_meter());
        CHECK(figure.title.find("2 common experts, and 1 and 1 of their own") != std::string::npos);
        std::set<std::pair<int, int>> common;
        std::map<std::string, int> experts;
        for (const Datum& datum : figure.data) {
            if (datum.kind == "common") common.insert({datum.layer, datum.expert});
            if (datum.kind == "expert") ++experts[datum.group.substr(0, datum.group.find(':'))];
        }
        CHECK(common == std::set<std::pair<int, int>>{{0, 4}, {1, 2}});
        CHECK(experts == std::map<std::string, int>{{"German", 3}, {"Thai", 3}});
        // Own experts stand out in the colour of their side, common ones do not.
        for (const Mark& mark : figure.marks) {
            const auto* box = std::get_if<RectShape>(&mark.shape);
            if (box == nullptr || mark.datum < 0 || box->stroke_width == 0) continue;
            const Datum& datum = figure.data[static_cast<std::size_t>(mark.datum)];
            const bool own = datum.expert == 1 || datum.expert == 3;
            CHECK((box->stroke == neutral_color(theme)) != own);
            CHECK(box->rect.x >= 0);
            CHECK(box->rect.x + box->rect.width <= figure.width);
            CHECK(box->rect.y + box->rect.height <= figure.height);
        }
    }
}

TEST_CASE("Sides are named by the languages they say they are") {
    const InformationFlow flow = flow_of({});
    const LanguageTable& languages = LanguageTable::instance();
    CHECK(flow_side("ar", flow, languages).name == "Arabic");
    CHECK(flow_side("first try", flow, languages).name == "first try");
}
