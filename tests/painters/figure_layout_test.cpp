// The layout rules of the figures with real fonts and real names: what a stand-in meter cannot
// show.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/figures/circuit_figure.h"
#include "analysis/figures/divergence_figure.h"
#include "analysis/figures/heatmap_figure.h"
#include "app/painters/text.h"
#include "tests/support/figure_checks.h"
#include "tests/support/planted_analysis.h"
#include "tests/support/planted_languages.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

const std::vector<std::string> kNothing{};

struct Case {
    std::size_t languages, layers;
    std::uint32_t experts, top_k;
};

Analysis planted(const Case& c) {
    Analysis analysis = planted_analysis({.groups = language_codes(c.languages),
                                          .layers = c.layers,
                                          .experts = c.experts,
                                          .top_k = c.top_k});
    analysis.design.unit_name = "translation groups";
    write_verdict_sentence(analysis);
    return analysis;
}

Case sizes() {
    return GENERATE(Case{12, 8, 12, 2}, Case{9, 48, 128, 8}, Case{5, 3, 65, 6}, Case{12, 2, 12, 2},
                    Case{50, 8, 12, 2}, Case{2, 1, 3, 1});
}

void check(const Figure& figure) {
    CHECK(marks_outside(figure, pango_meter()) == kNothing);
    CHECK(overlapping_labels(figure, pango_meter()) == kNothing);
}

}  // namespace

TEST_CASE("heat maps with real fonts: nothing outside the page, no labels over each other") {
    const Analysis analysis = planted(sizes());
    HeatmapOptions options;
    options.looks = group_looks(analysis, language_table());
    options.style = GENERATE(HeatmapStyle::ratio, HeatmapStyle::talk);
    check(heatmap_figure(analysis, options, light_theme(), pango_meter()));
}

TEST_CASE("panels named in every script keep apart") {
    const Analysis analysis = planted({50, 4, 12, 2});
    HeatmapOptions options;
    options.looks = group_looks(analysis, language_table());
    for (GroupLook& look : options.looks) {
        look.name = language_table().find(look.label)->native_name;
        look.language = look.label;
    }
    check(heatmap_figure(analysis, options, light_theme(), pango_meter()));
}

TEST_CASE("divergence curves with real fonts: nothing outside, no labels over each other") {
    DivergenceOptions options;
    options.width = GENERATE(0.0, 520.0);
    check(divergence_figure(planted(sizes()), options, light_theme(), pango_meter()));
}

TEST_CASE("circuits with real fonts: nothing outside the page, no labels over each other") {
    const Analysis analysis = planted(sizes());
    CircuitFigureOptions options;
    options.looks = group_looks(analysis, language_table());
    check(circuit_figure(analysis, options, light_theme(), pango_meter()));
}
