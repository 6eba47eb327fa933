#include <fstream>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>

#include "analysis/claims/claim_json.h"
#include "analysis/claims/judge_claim.h"
#include "analysis/figures/forest_figure.h"
#include "analysis/student_t.h"
#include "base/error.h"
#include "tests/analysis/planted_trace.h"
#include "tests/support/figure_checks.h"
#include "tests/support/temporary_folder.h"

using namespace alluvium;
using namespace alluvium::test;

namespace {

Claim claim_of(const std::string& text) {
    const TemporaryFolder folder;
    const std::string path = folder / "claim.toml";
    std::ofstream(path) << text;
    return read_claim(path);
}

std::string refusal(const std::string& text) {
    try {
        claim_of(text);
    } catch (const UserError& e) {
        return e.what();
    }
    return "read";
}

TracePtr late_trace(double pull, std::size_t groups = 16) {
    PlantedTrace plan;
    plan.groups = groups;
    plan.pull = [pull](double depth) { return depth > 0.67 ? pull : 0; };
    return planted_trace(plan);
}

ClaimResult judged(const RoutingTrace& trace, const std::string& text) {
    Progress progress;
    return judge_claim(trace, claim_of(text), progress);
}

bool mentions(const ClaimResult& result, const std::string& words) {
    return std::any_of(
        result.reasons.begin(), result.reasons.end(),
        [&](const std::string& reason) { return reason.find(words) != std::string::npos; });
}

const std::string kSpread = "[hypothesis]\npattern = \"spread_out_in_the_end\"\n";
const std::string kU = "[hypothesis]\npattern = [\"u_shaped\", \"front_loaded\"]\n";

}  // namespace

TEST_CASE("A claim file is read whole, and its bytes are its identity") {
    const Claim claim = claim_of(kSpread +
                                 "[sample]\nwhere = \"class=word\"\nfewest_units = 12\n"
                                 "[test]\nweighting = \"mass\"\nseed = 7\neffect = 0.1\n"
                                 "[controls]\nremainder = true\nrobustness = 0.5\n");
    CHECK(claim.patterns == std::vector{Pattern::spread_out_in_the_end});
    CHECK(claim.options.where == "class=word");
    CHECK(claim.options.weighting == Weighting::mass);
    CHECK(claim.options.seed == 7);
    CHECK(claim.fewest_units == 12);
    CHECK(claim.power.effect == 0.1);
    CHECK(claim.controls.remainder);
    CHECK(claim.controls.robustness == 0.5);
    CHECK(claim.name == "claim");
    CHECK(claim_of(kSpread).file_hash == claim_of(kSpread).file_hash);
    CHECK(claim_of(kSpread).file_hash != claim_of(kSpread + "# later\n").file_hash);
}

TEST_CASE("What a claim file cannot mean is refused with its line") {
    using Catch::Matchers::ContainsSubstring;
    CHECK_THAT(refusal("[hypothesis]\npatern = \"flat\"\n"),
               ContainsSubstring("line 2") && ContainsSubstring("patern"));
    CHECK_THAT(refusal("[hypothesis]\npattern = \"wavy\"\n"), ContainsSubstring("wavy"));
    CHECK_THAT(refusal("[hypothesis\n"), ContainsSubstring("line 1"));
    CHECK_THAT(refusal("name = \"x\"\n"), ContainsSubstring("no hypothesis"));
    CHECK_THAT(refusal(kSpread + "higher = \"late\"\n"), ContainsSubstring("both"));
    CHECK_THAT(refusal("[hypothesis]\nhigher = \"late\"\nlower = [0.5, 0.2]\n"),
               ContainsSubstring("'lower' is no window"));
    CHECK_THAT(refusal(kSpread + "[controls]\nrobustness = 2\n"), ContainsSubstring("0 .. 1"));
    CHECK_THAT(refusal(kSpread + "[sample]\nwhere = \"class=\"\n"), ContainsSubstring("^"));
}

TEST_CASE("A planted spread supports its claim and refutes another") {
    const TracePtr trace = late_trace(0.6);
    CHECK(judged(*trace, kSpread).outcome == Outcome::supported);
    const ClaimResult other = judged(*trace, kU);
    CHECK(other.outcome == Outcome::refuted);
    CHECK(mentions(other, "spread_out_in_the_end"));
}

TEST_CASE("A control that a trace lacks leaves a claim open") {
    const ClaimResult result =
        judged(*late_trace(0.6), kSpread + "[controls]\nrandom_router = true\n");
    CHECK(result.outcome == Outcome::inconclusive);
    CHECK(mentions(result, "redrawn routers"));
}

TEST_CASE("Routers that learned nothing but do as much refute a claim") {
    PlantedTrace plan;
    plan.pull = [](double depth) { return depth > 0.67 ? 0.6 : 0; };
    TraceData data = planted_data(plan);
    for (LayerData& layer : data.layers) layer.random_experts = {layer.experts, layer.experts};
    const std::string text = kSpread + "[controls]\nrandom_router = true\n";
    CHECK(judged(*make_trace(data), text).outcome == Outcome::refuted);
    plan.pull = [](double) { return 0.0; };
    for (std::size_t l = 0; l < data.layers.size(); ++l) {
        auto& random = data.layers[l].random_experts;
        random.clear();
        for (const std::uint64_t seed : {5, 6, 7}) {
            plan.seed = seed;
            random.push_back(planted_data(plan).layers[l].experts);
        }
    }
    CHECK(judged(*make_trace(data), text).outcome == Outcome::supported);
}

TEST_CASE("Other prompts, too few groups or units leave a claim open") {
    const TracePtr trace = late_trace(0.6);
    for (const char* sample :
         {"prompt_set = \"0123456789abcdef\"", "fewest_groups = 5", "fewest_units = 17"}) {
        INFO(sample);
        CHECK(judged(*trace, kSpread + "[sample]\n" + sample + "\n").outcome ==
              Outcome::inconclusive);
    }
    CHECK(judged(*trace, kSpread + "[sample]\nfewest_units = 16\n").outcome == Outcome::supported);
}

TEST_CASE("An effect is judged by its interval against the threshold") {
    const TracePtr trace = late_trace(0.6);
    const auto effect = [](const std::string& above) {
        return "[hypothesis]\nhigher = \"late\"\nlower = [0.0, 0.5]\nabove = " + above + "\n";
    };
    const ClaimResult result = judged(*trace, effect("0.02"));
    CHECK(result.outcome == Outcome::supported);
    REQUIRE(result.effects.size() == 1);
    const Estimate value = result.effects[0].value;
    CHECK(judged(*trace, effect(std::to_string(value.high + 0.01))).outcome == Outcome::refuted);
    CHECK(judged(*trace, effect(std::to_string(value.value))).outcome == Outcome::inconclusive);
    // The late window is the verdict's; both windows by hand.
    Progress progress;
    const Analysis analysis = analyze(*trace, {}, progress);
    double late = 0, low = 0;
    for (std::size_t l = 6; l < 9; ++l) late += analysis.layers[l].divergence.relative / 3;
    for (std::size_t l = 0; l < 4; ++l) low += analysis.layers[l].divergence.relative / 4;
    CHECK(value.value == Catch::Approx(late - low).margin(1e-12));
}

TEST_CASE("Power is that of a t test with the trace's own standard error") {
    const ClaimResult result = judged(*late_trace(0.1), kSpread + "[test]\neffect = 0.03\n");
    const MeasuredEffect& effect = result.effects[0];
    const double t = student_t_quantile(0.975, 15);
    const double se = effect.value.half_width() / t;
    CHECK(effect.power == Catch::Approx(1 - student_t_cdf(t - 0.03 / se, 15)));
    const double factor = (t + student_t_quantile(0.8, 15)) * se / 0.03;
    CHECK(static_cast<double>(effect.units_needed) == std::ceil(16 * factor * factor));
}

TEST_CASE("An open claim says what its sample could not have seen") {
    const TracePtr trace = late_trace(0.3, 6);
    const auto effect = [](double above) {
        return "[hypothesis]\nhigher = \"late\"\nlower = \"middle\"\nabove = " +
               std::to_string(above) + "\n[test]\neffect = 0.001\n";
    };
    const double value = judged(*trace, effect(0)).effects[0].value.value;
    const ClaimResult result = judged(*trace, effect(value));
    CHECK(result.outcome == Outcome::inconclusive);
    CHECK(mentions(result, "translation groups (here 6)"));
    CHECK(result.effects[0].units_needed > 6);
}

TEST_CASE("Aggregates decide nothing, and say what their estimates say") {
    TraceData data;
    data.header.kind = TraceKind::counts;
    data.header.groups.label = {"fr", "ar"};
    data.header.groups.tokens = {10, 10};
    for (int l = 0; l < 6; ++l) {
        data.header.layers.push_back({.layer = l, .experts = 2, .top_k = 1});
        LayerData layer;
        layer.counts.count = Grid<std::uint64_t>(2, 2, {5, 5, 5, 5});
        data.layers.push_back(std::move(layer));
    }
    const ClaimResult result = judged(*make_trace(data), kSpread);
    CHECK(result.outcome == Outcome::inconclusive);
    CHECK(mentions(result, "flat"));
    CHECK(claim_json(claim_of(kSpread), {result})["traces"][0]["effects"].empty());
}

TEST_CASE("A forest plot has a row for every trace and keeps its labels apart") {
    const Claim claim = claim_of(kSpread);
    std::vector<ClaimResult> results = {judged(*late_trace(0.6), kSpread),
                                        judged(*late_trace(0.0), kSpread)};
    results[0].path = "a/deep.h5";
    results[1].path = "b/flat.h5";
    for (const Theme& theme : {light_theme(), dark_theme()}) {
        const Figure figure = forest_figure(claim, results, {}, theme, plain_meter());
        CHECK(overlapping_labels(figure, plain_meter()).empty());
        CHECK(marks_outside(figure, plain_meter()).empty());
        CHECK(has_text(figure, "supported by 1 of 2"));
        const Datum* datum = find_datum(figure, "trace", -1, -1, "deep");
        REQUIRE(datum != nullptr);
        CHECK(value_of(*datum, "late - middle")->number == results[0].effects[0].value.value);
    }
}
