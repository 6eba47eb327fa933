#include "analysis/figures/divergence_figure.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/support/figure_checks.h"
#include "tests/support/planted_analysis.h"
#include "tests/support/planted_languages.h"

using namespace alluvium;
using namespace alluvium::test;
using Catch::Approx;

namespace {

Analysis planted(std::size_t layers, bool counts = false) {
    Analysis analysis =
        planted_analysis({.groups = language_codes(8), .layers = layers, .counts = counts});
    analysis.design.unit_name = "translation groups";
    if (counts)
        for (const char* field :
             {"divergence.low", "divergence.band", "divergence.null_mean", "noise_floor"})
            analysis.missing[field] = "prompts unknown";
    return analysis;
}

void judge_as_spread_out(Analysis& analysis) {
    Verdict& v = analysis.verdict;
    const int last = analysis.layers.back().layer, third = (last + 1) / 3;
    v.pattern = Pattern::spread_out_in_the_end;
    v.early_layers = {0, third - 1};
    v.middle_layers = {third, last - third};
    v.late_layers = {last - third + 1, last};
    v.early = 0.011;
    v.middle = 0.012;
    v.late = 0.3;
    v.d_late = {0.288, 0.281, 0.297};
    v.d_early = {-0.001, -0.00112, -0.00088};
    v.onset = Onset{last - third + 1, last - third, last - third + 2, 1.0};
    write_verdict_sentence(analysis);
}

Figure draw(const Analysis& analysis, double width = 0, double height = 0) {
    DivergenceOptions options;
    options.width = width;
    options.height = height;
    return divergence_figure(analysis, options, light_theme(), plain_meter());
}

template <typename Shape>
std::size_t count(const Figure& figure) {
    return static_cast<std::size_t>(
        std::count_if(figure.marks.begin(), figure.marks.end(),
                      [](const Mark& mark) { return std::holds_alternative<Shape>(mark.shape); }));
}

}  // namespace

TEST_CASE("a divergence curve of any depth keeps to its page and no labels run into each other") {
    const std::size_t layers = GENERATE(1, 2, 3, 8, 12, 24, 48, 96);
    const bool counts = GENERATE(false, true);
    const double width = GENERATE(0.0, 460.0, 1200.0);
    Analysis analysis = planted(layers, counts);
    if (layers >= 6) judge_as_spread_out(analysis);
    const Figure figure = draw(analysis, width);
    CAPTURE(layers, counts, width);
    CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
    CHECK(overlapping_labels(figure, plain_meter()) == std::vector<std::string>{});
}

TEST_CASE("every layer's point holds its numbers and is found by the pointer") {
    const Analysis analysis = planted(8);
    const Figure figure = draw(analysis);
    for (const LayerAnalysis& layer : analysis.layers) {
        const Datum* datum = find_datum(figure, "layer", layer.layer, -1, "");
        REQUIRE(datum != nullptr);
        CHECK(value_of(*datum, "divergence")->number == layer.divergence.corrected);
        CHECK(value_of(*datum, "low")->number == layer.divergence.low);
        CHECK(value_of(*datum, "as observed")->number == layer.divergence.value);
        CHECK(value_of(*datum, "shuffled labels reach")->number == layer.divergence.band);
        CHECK(value_of(*datum, "ceiling")->number == layer.divergence.ceiling);
        CHECK(value_of(*datum, "noise floor")->number == layer.noise_floor);
        for (const Mark& mark : figure.marks) {
            if (mark.datum < 0 || &figure.data[static_cast<std::size_t>(mark.datum)] != datum)
                continue;
            CHECK(hit_test(figure, std::get<CircleShape>(mark.shape).center) == datum);
        }
    }
}

TEST_CASE("everything drawn is named on the picture") {
    Analysis analysis = planted(9);
    judge_as_spread_out(analysis);
    const Figure figure = draw(analysis);
    for (const char* words : {"divergence, corrected", "shuffled labels reach this", "noise floor",
                              "ceiling 0.86", "early layers 0\u20132", "middle layers 3\u20135",
                              "late layers 6\u20138", "apart from layer 6 on [5, 7]", "layer"})
        CHECK(has_text(figure, words));
}

TEST_CASE("intervals print digits until their bounds differ") {
    Analysis analysis = planted(9);
    judge_as_spread_out(analysis);
    const Figure figure = draw(analysis);
    CHECK(has_text(figure, "+0.29 [0.28, 0.30]"));
    CHECK(has_text(figure, "-0.0010 [-0.0011, -0.0009]"));
}

TEST_CASE(
    "counts have no interval and no band: the curve stands alone and the reason is said once") {
    const Figure figure = draw(planted(12, true));
    CHECK(count<PolygonShape>(figure) == 0);
    CHECK(has_text(figure, "divergence, as observed"));
    CHECK(has_text(figure,
                   "No interval, no band of shuffled labels, no noise floor: prompts unknown"));
    CHECK_FALSE(has_text(figure, "shuffled labels reach this"));
}

TEST_CASE("a layer without a value breaks the curve and is hatched, not drawn at zero") {
    Analysis analysis = planted(6);
    analysis.layers[3].divergence = Divergence{};
    const Figure figure = draw(analysis);
    CHECK(find_datum(figure, "layer", 3, -1, "") == nullptr);
    std::size_t hatched = 0;
    for (const Mark& mark : figure.marks)
        if (const auto* rect = std::get_if<RectShape>(&mark.shape)) hatched += rect->hatched;
    CHECK(hatched == 1);
    for (const Mark& mark : figure.marks)
        if (const auto* line = std::get_if<LineShape>(&mark.shape); line && line->width == 1.8)
            CHECK(line->points.size() <= 3);
}

TEST_CASE("a ceiling far above the curve is named instead of pressing the curve flat") {
    Analysis analysis =
        planted_analysis({.groups = language_codes(8), .apart = [](double) { return 0.0; }});
    const Figure figure = draw(analysis);
    CHECK(has_text(figure, "above this scale"));
}

TEST_CASE("dense layers between routed ones leave a gap on the layer axis") {
    Analysis analysis = planted(3);
    analysis.layers[2].layer = 9;
    const Figure figure = draw(analysis);
    std::vector<double> x;
    for (const Mark& mark : figure.marks)
        if (mark.datum >= 0) x.push_back(std::get<CircleShape>(mark.shape).center.x);
    REQUIRE(x.size() == 3);
    CHECK((x[2] - x[1]) == Approx(8 * (x[1] - x[0])));
}

TEST_CASE("a divergence curve fits the window it is given") {
    Analysis analysis = planted(12);
    judge_as_spread_out(analysis);
    DivergenceOptions options;
    options.width = 700;
    options.height = 420;
    options.heading = false;
    options.sentence = false;
    const Figure figure = divergence_figure(analysis, options, dark_theme(), plain_meter());
    CHECK(figure.width == 700);
    CHECK(figure.height == Approx(420));
    CHECK(marks_outside(figure, plain_meter()) == std::vector<std::string>{});
}
