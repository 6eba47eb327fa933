#include "analysis/figures/heatmap_figure.h"

#include <limits>
#include <set>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/figures/color_space.h"
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

HeatmapOptions with_names(const Analysis& analysis) {
    HeatmapOptions options;
    options.looks = group_looks(analysis, language_table());
    return options;
}

// The rectangle of a datum's mark.
Rect place_of(const Figure& figure, const Datum& datum) {
    for (const Mark& mark : figure.marks)
        if (mark.datum >= 0 && &figure.data[static_cast<std::size_t>(mark.datum)] == &datum)
            return std::get<RectShape>(mark.shape).rect;
    return {};
}

Color fill_of(const Figure& figure, const Datum& datum) {
    for (const Mark& mark : figure.marks)
        if (mark.datum >= 0 && &figure.data[static_cast<std::size_t>(mark.datum)] == &datum)
            return std::get<RectShape>(mark.shape).fill;
    return {};
}

bool is_hatched(const Figure& figure, const Datum& datum) {
    for (const Mark& mark : figure.marks)
        if (mark.datum >= 0 && &figure.data[static_cast<std::size_t>(mark.datum)] == &datum)
            return std::get<RectShape>(mark.shape).hatched;
    return false;
}

std::size_t count_cells(const Figure& figure) {
    return static_cast<std::size_t>(std::count_if(figure.data.begin(), figure.data.end(),
                                                  [](const Datum& d) { return d.kind == "cell"; }));
}

}  // namespace

TEST_CASE("a heat map of any size keeps to its page and no labels run into each other") {
    const auto shape = GENERATE(Shape3{12, 8, 12, 2}, Shape3{9, 48, 128, 8}, Shape3{5, 3, 65, 6},
                                Shape3{12, 2, 12, 2}, Shape3{50, 8, 12, 2}, Shape3{1, 6, 8, 2},
                                Shape3{3, 24, 3, 1}, Shape3{2, 1, 1, 1}, Shape3{4, 5, 257, 8});
    const auto style = GENERATE(HeatmapStyle::ratio, HeatmapStyle::talk);
    const Analysis analysis = planted(shape);
    HeatmapOptions options = with_names(analysis);
    options.style = style;
    const Figure figure = heatmap_figure(analysis, options, light_theme(), plain_meter());
    CAPTURE(shape.languages, shape.layers, shape.experts, figure.width, figure.height);
    CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
    CHECK(overlapping_labels(figure, plain_meter()) == std::vector<std::string>{});
    const std::size_t panels = shape.languages + (shape.languages > 1 ? 1 : 0);
    CHECK(count_cells(figure) == panels * shape.layers * shape.experts);
}

TEST_CASE("a heat map fits the window it is given") {
    const Analysis analysis = planted({12, 8, 12, 2});
    HeatmapOptions options = with_names(analysis);
    options.heading = false;
    options.width = GENERATE(500.0, 900.0, 1600.0);
    options.height = GENERATE(500.0, 900.0);
    const Figure figure = heatmap_figure(analysis, options, dark_theme(), plain_meter());
    CHECK(figure.width == options.width);
    CHECK(figure.height == options.height);
    CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
    CHECK(overlapping_labels(figure, plain_meter()) == std::vector<std::string>{});
    CHECK_FALSE(figure.title.empty());
    CHECK_FALSE(has_text(figure, figure.title));
}

TEST_CASE("a wide and low window is filled from side to side, the legend inside it") {
    const auto shape = GENERATE(Shape3{3, 48, 128, 8}, Shape3{12, 8, 12, 2});
    const Analysis analysis = planted(shape);
    HeatmapOptions options = with_names(analysis);
    options.heading = false;
    options.width = 1100;
    options.height = 330;
    const Figure figure = heatmap_figure(analysis, options, light_theme(), plain_meter());
    CHECK(figure.height == 330);
    CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
    double right = 0;
    for (const Mark& mark : figure.marks)
        if (mark.datum >= 0) {
            const Rect cell = std::get<RectShape>(mark.shape).rect;
            right = std::max(right, cell.x + cell.width);
        }
    CHECK(right > 0.75 * options.width);
}

TEST_CASE(
    "a cell holds the numbers of its layer, expert and language, and is found by the pointer") {
    const Analysis analysis = planted({4, 3, 6, 2});
    const Figure figure =
        heatmap_figure(analysis, with_names(analysis), light_theme(), plain_meter());
    for (std::size_t l = 0; l < 3; ++l)
        for (std::size_t g = 0; g < 4; ++g)
            for (std::size_t e = 0; e < 6; ++e) {
                const LayerAnalysis& layer = analysis.layers[l];
                const Datum* datum = find_datum(figure, "cell", layer.layer, static_cast<int>(e),
                                                analysis.groups[g].label);
                REQUIRE(datum != nullptr);
                CHECK(value_of(*datum, "share of selections")->number == layer.share(g, e));
                CHECK(value_of(*datum, "chance")->number == 1.0 / 6);
                CHECK(value_of(*datum, "tokens that chose it")->number ==
                      static_cast<double>(layer.selections(g, e)));
                CHECK(value_of(*datum, "tokens")->number == 1500);
                const Rect at = place_of(figure, *datum);
                CHECK(hit_test(figure, {at.x + at.width / 2, at.y + at.height / 2}) == datum);
            }
}

TEST_CASE("layer 0 is at the bottom and every panel has the experts in the same order") {
    const Analysis analysis = planted({3, 4, 5, 1});
    const Figure figure =
        heatmap_figure(analysis, with_names(analysis), light_theme(), plain_meter());
    for (const GroupSample& group : analysis.groups) {
        std::vector<std::pair<double, int>> columns, reference;
        for (int e = 0; e < 5; ++e) {
            const Datum* low = find_datum(figure, "cell", 0, e, group.label);
            const Datum* high = find_datum(figure, "cell", 3, e, group.label);
            CHECK(place_of(figure, *low).y > place_of(figure, *high).y);
            columns.emplace_back(place_of(figure, *low).x, e);
            reference.emplace_back(place_of(figure, *find_datum(figure, "cell", 0, e, "")).x, e);
        }
        std::sort(columns.begin(), columns.end());
        std::sort(reference.begin(), reference.end());
        for (std::size_t i = 0; i < columns.size(); ++i)
            CHECK(columns[i].second == reference[i].second);
    }
}

TEST_CASE("experts stand with the language that uses them most in the last layer") {
    Analysis analysis = planted({2, 1, 4, 1});
    const std::vector<std::vector<double>> shares{{0.1, 0.6, 0.2, 0.1}, {0.5, 0.1, 0.1, 0.3}};
    for (std::size_t g = 0; g < 2; ++g)
        for (std::size_t e = 0; e < 4; ++e) analysis.layers[0].share(g, e) = shares[g][e];
    HeatmapOptions options;
    options.groups = {0, 1};
    // Group 0 owns 1 and 2, most used first; group 1 owns 0 and 3.
    CHECK(heatmap_columns(analysis, options) == std::vector<std::size_t>{1, 2, 0, 3});
}

TEST_CASE("the mean panel weighs every language the same") {
    Analysis analysis = planted({2, 1, 2, 1});
    const Figure figure =
        heatmap_figure(analysis, with_names(analysis), light_theme(), plain_meter());
    const Datum* mean = find_datum(figure, "cell", 0, 1, "");
    REQUIRE(mean != nullptr);
    CHECK(value_of(*mean, "share of selections")->number ==
          Approx((analysis.layers[0].share(0, 1) + analysis.layers[0].share(1, 1)) / 2));
    CHECK(has_text(figure, "equal-weight mean"));
}

TEST_CASE(
    "never chosen, missing and rarely chosen cells can be told apart, and the legend says so") {
    Analysis analysis = planted({2, 1, 4, 1});
    LayerAnalysis& layer = analysis.layers[0];
    layer.share(0, 0) = 0;
    layer.selections(0, 0) = 0;
    layer.share(0, 1) = 0.001;
    layer.share(0, 2) = std::numeric_limits<double>::quiet_NaN();
    const Theme theme = light_theme();
    const Figure figure = heatmap_figure(analysis, with_names(analysis), theme, plain_meter());
    const std::string& label = analysis.groups[0].label;
    const Datum* never = find_datum(figure, "cell", 0, 0, label);
    const Datum* rare = find_datum(figure, "cell", 0, 1, label);
    const Datum* missing = find_datum(figure, "cell", 0, 2, label);
    CHECK(fill_of(figure, *never) == never_chosen_color(theme));
    CHECK(fill_of(figure, *rare) == ratio_color(-3, theme));
    CHECK(is_hatched(figure, *missing));
    CHECK_FALSE(is_hatched(figure, *never));
    CHECK(has_text(figure, "never chosen"));
    CHECK(has_text(figure, "no data"));
    const std::string csv = figure_csv(figure);
    CHECK(csv.find("nan") == std::string::npos);
}

TEST_CASE("numbers stand only where a language favours an expert, and the note says from where") {
    const Analysis analysis = planted({4, 6, 12, 2});
    const Figure figure =
        heatmap_figure(analysis, with_names(analysis), light_theme(), plain_meter());
    std::size_t printed = 0, favoured = 0;
    for (const Mark& mark : figure.marks)
        if (const auto* text = std::get_if<TextShape>(&mark.shape))
            printed += text->text.starts_with('.');
    for (const Datum& datum : figure.data)
        if (datum.kind == "cell")
            favoured += value_of(datum, "share of selections")->number >= std::exp2(1.5) / 12;
    CHECK(printed == favoured);
    CHECK(printed > 0);
    CHECK(has_text(figure, "shares of 0.24 and more"));
}

TEST_CASE("the talk's style prints every share and names the experts as the checkpoint does") {
    Analysis analysis = planted({3, 4, 3, 1});
    const std::vector<std::string> codes = language_codes(3);
    analysis.model.expert_labels = {codes[2], codes[0], codes[1]};
    HeatmapOptions options = with_names(analysis);
    options.style = HeatmapStyle::talk;
    const Figure figure = heatmap_figure(analysis, options, light_theme(), plain_meter());
    std::size_t printed = 0;
    std::set<std::string> words;
    for (const Mark& mark : figure.marks)
        if (const auto* text = std::get_if<TextShape>(&mark.shape)) {
            words.insert(text->text);
            printed += text->text.size() == 4 && text->text.starts_with("0.");
        }
    CHECK(printed >= 4 * 4 * 3);
    for (const std::string& code : codes) CHECK(words.contains(code));
    const auto order = family_order(options.looks);
    std::vector<std::size_t> expected;
    for (const std::size_t g : order)
        for (std::size_t e = 0; e < 3; ++e)
            if (analysis.model.expert_labels[e] == codes[g]) expected.push_back(e);
    CHECK(heatmap_columns(analysis, options) == expected);
}

TEST_CASE("experts that the checkpoint names have their names under the columns in every style") {
    Analysis analysis = planted({3, 4, 3, 1});
    analysis.model.expert_labels = {"Romance", "Germanic", "Slavic"};
    const HeatmapOptions options = with_names(analysis);
    const Figure named = heatmap_figure(analysis, options, light_theme(), plain_meter());
    CHECK(has_text(named, "Germanic"));
    CHECK(has_text(named, "Names of experts"));
    analysis.model.expert_labels.pop_back();  // not one for each: numbers are surer
    const Figure numbered = heatmap_figure(analysis, options, light_theme(), plain_meter());
    CHECK_FALSE(has_text(numbered, "Germanic"));
}

TEST_CASE("text in a cell reads on the cell's colour") {
    const Analysis analysis = planted({12, 8, 12, 2});
    HeatmapOptions options = with_names(analysis);
    options.style = GENERATE(HeatmapStyle::ratio, HeatmapStyle::talk);
    for (const Theme& theme : {light_theme(), dark_theme()}) {
        const Figure figure = heatmap_figure(analysis, options, theme, plain_meter());
        const RectShape* cell = nullptr;
        for (const Mark& mark : figure.marks) {
            if (const auto* rect = std::get_if<RectShape>(&mark.shape)) cell = rect;
            const auto* text = std::get_if<TextShape>(&mark.shape);
            if (text == nullptr || text->h != HAlign::center || cell == nullptr) continue;
            if (!cell->rect.contains(text->at)) continue;
            REQUIRE(contrast_ratio(text->color, cell->fill) >= 4.5);
        }
    }
}

TEST_CASE("layers with fewer experts leave their cells out instead of showing zeros") {
    Analysis analysis = planted({2, 2, 6, 1});
    analysis.layers[0] = planted({2, 1, 4, 1}).layers[0];
    const Figure figure =
        heatmap_figure(analysis, with_names(analysis), light_theme(), plain_meter());
    CHECK(find_datum(figure, "cell", 0, 3, "") != nullptr);
    CHECK(find_datum(figure, "cell", 0, 4, "") == nullptr);
    CHECK(find_datum(figure, "cell", 1, 5, "") != nullptr);
}

TEST_CASE("a difference map shows A minus B on one symmetric scale and names the largest change") {
    const Analysis a = planted({3, 2, 4, 1});
    Analysis b = a;
    const std::size_t g = 1;
    const double before = b.layers[1].share(g, 2);
    b.layers[1].share(g, 2) = before + 0.3;
    HeatmapOptions options = with_names(a);
    const Theme theme = light_theme();
    const Figure figure = heatmap_difference_figure(a, b, options, theme, plain_meter());
    const Datum* changed = find_datum(figure, "difference", 1, 2, a.groups[g].label);
    REQUIRE(changed != nullptr);
    CHECK(value_of(*changed, "A - B")->number == Approx(-0.3));
    CHECK(value_of(*changed, "B")->number == before + 0.3);
    CHECK(fill_of(figure, *changed) == difference_color(-0.3, 0.5, theme));
    const Datum* same = find_datum(figure, "difference", 0, 0, a.groups[g].label);
    CHECK(fill_of(figure, *same) == difference_color(0, 1, theme));
    CHECK(figure.title.find("layer 1, expert 2") != std::string::npos);
    CHECK(overlapping_labels(figure, plain_meter()) == std::vector<std::string>{});
    CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
}

TEST_CASE("groups and layers that only one of A and B has are left out of the difference") {
    const Analysis a = planted({4, 4, 6, 2});
    const Analysis b = planted({3, 3, 6, 2});
    const Figure figure =
        heatmap_difference_figure(a, b, with_names(a), light_theme(), plain_meter());
    std::set<std::string> groups;
    std::set<int> layers;
    for (const Datum& d : figure.data) {
        groups.insert(d.group);
        layers.insert(d.layer);
    }
    const auto codes = language_codes(3);
    CHECK(groups == std::set<std::string>(codes.begin(), codes.end()));  // and no mean panel
    CHECK(layers == std::set<int>{0, 1, 2});
}

TEST_CASE("two analyses with nothing in common give a sentence that says why, not hatching") {
    const auto difference = [](const Analysis& a, const Analysis& b,
                               const HeatmapOptions& options) {
        const Figure figure =
            heatmap_difference_figure(a, b, options, light_theme(), plain_meter());
        CHECK(figure.data.empty());
        CHECK(figure.title == "No difference to show");
        CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
        return figure.subtitle;
    };
    const Analysis a = planted({3, 2, 6, 2});
    HeatmapOptions options = with_names(a);
    options.heading = false;  // there is nothing else to show, so it is drawn all the same

    const Analysis other_experts = planted({3, 2, 128, 8});
    const std::string experts = difference(a, other_experts, options);
    CHECK(experts.find("A has 6 experts, top 2, B has 128 experts, top 8") != std::string::npos);

    Analysis other_layers = a;
    for (LayerAnalysis& layer : other_layers.layers) layer.layer += 10;
    CHECK(difference(a, other_layers, options)
              .find("A has routed layers 0-1, B has routed layers 10-11") != std::string::npos);

    Analysis other_groups = a;
    for (GroupSample& group : other_groups.groups) group.label += "-x";
    CHECK(difference(a, other_groups, options).find("none that both have") != std::string::npos);
    // One language chosen that B lacks is as good as none in common.
    Analysis fewer = planted({2, 2, 6, 2});
    options.groups = {2};
    CHECK(difference(a, fewer, options).find("none that both have") != std::string::npos);
}
