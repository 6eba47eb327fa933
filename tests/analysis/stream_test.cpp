// Where languages lie in the residual stream: hand calculations, slow versions pair by pair, and
// planted streams.
#include <cmath>
#include <random>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "analysis/figures/colors.h"
#include "analysis/figures/stream_figure.h"
#include "analysis/stream/analyze_stream.h"
#include "analysis/stream/centroid_probe.h"
#include "analysis/stream/language_variance.h"
#include "analysis/stream/stream_json.h"
#include "analysis/stream/translation_distance.h"
#include "base/error.h"
#include "captures/trace_data.h"
#include "tests/analysis/planted_trace.h"
#include "tests/support/figure_checks.h"

using Catch::Approx;

namespace alluvium {
namespace {

using Units = std::vector<std::vector<std::uint32_t>>;
using Labels = std::vector<std::int32_t>;

Grid<float> column(std::vector<float> values) {
    const std::size_t rows = values.size();
    return Grid<float>(rows, 1, std::move(values));
}

// `units` translation groups of one prompt per label each, in random places.
struct RandomStream {
    Grid<float> rows;
    Labels labels;
    Units units;

    RandomStream(std::size_t unit_count, std::size_t groups, std::size_t width, float pull,
                 unsigned seed)
        : rows(unit_count * groups, width), units(unit_count) {
        std::mt19937 random(seed);
        std::normal_distribution<float> noise;
        Grid<float> centre(groups, width);
        for (float& value : centre.values()) value = pull * noise(random);
        for (std::size_t p = 0; p < rows.rows(); ++p) {
            const std::size_t g = p % groups;
            labels.push_back(static_cast<std::int32_t>(g));
            units[p / groups].push_back(static_cast<std::uint32_t>(p));
            for (std::size_t i = 0; i < width; ++i) rows(p, i) = centre(g, i) + noise(random);
        }
    }
    StreamRows sample(std::size_t groups) const { return {rows, labels, groups}; }
};

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / std::sqrt(aa * bb);
}

}  // namespace

TEST_CASE("the share of variance between languages is that of the analysis of variance") {
    // a: 0, 2; b: 10, 12. within = (1+1+1+1)/2 = 2; sum n (m_g - m)^2 = 2*25 + 2*25 = 100; n0 = 2;
    // between = (100 - 2) / 2 = 49.
    const Grid<float> rows = column({0, 2, 10, 12});
    const Labels labels{0, 0, 1, 1};
    CHECK(LanguageVariance({rows, labels, 2}).share() == Approx(49.0 / 51).epsilon(1e-12));

    // a: 0, 2; b: 10. within = 2/1; mean = 4; sum = 2*9 + 36 = 54; n0 = (3 - 5/3)/1 = 4/3;
    // between = (54 - 2) / (4/3) = 39.
    const Labels without{0, 0, 1, -1};
    CHECK(LanguageVariance({rows, without, 2}).share() == Approx(39.0 / 41).epsilon(1e-12));
}

TEST_CASE("neither an offset nor a factor changes the share of variance") {
    const RandomStream stream(10, 3, 6, 0.5F, 1);
    const double share = LanguageVariance(stream.sample(3)).share();
    RandomStream moved = stream;
    for (float& value : moved.rows.values()) value = 100 + 4 * value;
    // 100 costs two digits of the floats.
    CHECK(LanguageVariance(moved.sample(3)).share() == Approx(share).epsilon(1e-4));
    CHECK(share > 0.05);
}

TEST_CASE("leaving a unit out is the share of variance without its prompts") {
    RandomStream stream(6, 3, 5, 0.7F, 2);
    stream.units[0].push_back(stream.units[1].back());  // two prompts of one label in a unit
    stream.units[1].pop_back();
    const LanguageVariance whole(stream.sample(3));
    for (const auto& unit : stream.units) {
        Labels labels = stream.labels;
        for (const std::uint32_t p : unit) labels[p] = -1;
        const StreamRows rest{stream.rows, labels, 3};
        CHECK(whole.share_without(unit) == Approx(LanguageVariance(rest).share()).epsilon(1e-10));
    }
}

TEST_CASE("without languages the share of variance scatters around nothing") {
    double sum = 0, squares = 0;
    constexpr int kTries = 200;
    for (unsigned seed = 0; seed < kTries; ++seed) {
        const double share = LanguageVariance(RandomStream(8, 4, 10, 0, seed).sample(4)).share();
        sum += share;
        squares += share * share;
    }
    const double mean = sum / kTries;
    const double error = std::sqrt((squares / kTries - mean * mean) / kTries);
    CHECK(std::fabs(mean) < 3 * error);  // three standard errors: 3 in 1,000 by chance
}

TEST_CASE("the distance of translations is one minus the mean cosine of unlike pairs") {
    const RandomStream stream(5, 3, 4, 0.8F, 3);
    // Pair by pair.
    std::vector<double> mean(4, 0.0);
    for (std::size_t p = 0; p < 15; ++p) {
        for (std::size_t i = 0; i < 4; ++i) mean[i] += static_cast<double>(stream.rows(p, i)) / 15;
    }
    const auto centred = [&](std::size_t p) {
        std::vector<double> x;
        for (std::size_t i = 0; i < 4; ++i) x.push_back(stream.rows(p, i) - mean[i]);
        return x;
    };
    double same = 0, other = 0, same_pairs = 0, other_pairs = 0;
    for (std::size_t p = 0; p < 15; ++p) {
        for (std::size_t q = 0; q < 15; ++q) {
            if (p % 3 == q % 3) continue;
            const double c = cosine(centred(p), centred(q));
            (p / 3 == q / 3 ? same : other) += c;
            (p / 3 == q / 3 ? same_pairs : other_pairs) += 1;
        }
    }
    const TranslationDistance found = translation_distance(stream.sample(3), stream.units);
    CHECK(found.distance.value == Approx(1 - same / same_pairs).epsilon(1e-10));
    CHECK(found.unrelated == Approx(1 - other / other_pairs).epsilon(1e-10));
    CHECK(found.distance.low < found.distance.value);
}

TEST_CASE("translations in one place have distance 0") {
    RandomStream stream(6, 3, 8, 0, 4);
    for (std::size_t p = 0; p < 18; ++p) {
        for (std::size_t i = 0; i < 8; ++i) stream.rows(p, i) = stream.rows(p / 3 * 3, i);
    }
    const TranslationDistance found = translation_distance(stream.sample(3), stream.units);
    CHECK_THAT(found.distance.value, Catch::Matchers::WithinAbs(0, 1e-6));
    CHECK(found.unrelated > 0.9);
}

TEST_CASE("the probe holds out whole translation groups") {
    const RandomStream stream(7, 3, 4, 0.6F, 5);
    // Every prompt against the means of all other units, one by one.
    double right = 0;
    for (std::size_t p = 0; p < 21; ++p) {
        double least = 1e300;
        std::size_t nearest = 9;
        for (std::size_t g = 0; g < 3; ++g) {
            double distance = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                double mean = 0;
                for (std::size_t q = g; q < 21; q += 3) {
                    if (q / 3 != p / 3) mean += static_cast<double>(stream.rows(q, i)) / 6;
                }
                distance += (stream.rows(p, i) - mean) * (stream.rows(p, i) - mean);
            }
            if (distance < least) {
                least = distance;
                nearest = g;
            }
        }
        right += nearest == p % 3 ? 1 : 0;
    }
    const CentroidProbe probe = centroid_probe(stream.sample(3), stream.units);
    CHECK(probe.accuracy.value == Approx(right / 21));  // as many prompts of every label
    CHECK(probe.chance == Approx(1.0 / 3));
    CHECK(right > 7);
    CHECK(right < 21);
}

TEST_CASE("a language of one prompt cannot be held out, and nothing is said about it") {
    const Grid<float> rows = column({0, 0.1F, 5, 5.1F, 9});
    const Labels labels{0, 0, 1, 1, 2};
    const CentroidProbe probe = centroid_probe({rows, labels, 3}, {{0}, {1}, {2}, {3}, {4}});
    CHECK(probe.by_label[0] == 1);
    CHECK(std::isnan(probe.by_label[2]));
    CHECK(probe.chance == 0.5);
    CHECK(probe.accuracy.value == 1);
    // Wilson's interval for 4 of 4.
    CHECK(probe.accuracy.low == Approx(1 / (1 + 1.959963984540054 * 1.959963984540054 / 4)));
}

namespace {

// A dense trace whose languages lie apart by `apart(layer)`.
TraceData planted_stream(std::size_t layers, const std::function<float(std::size_t)>& apart) {
    constexpr std::size_t kUnits = 24, kLanguages = 4, kWidth = 16;
    TraceData data;
    data.header.model.hidden_size = kWidth;
    data.header.model.layer_count = static_cast<std::int64_t>(layers);
    data.header.model.name = "dense";
    for (std::size_t p = 0; p < kUnits * kLanguages; ++p) {
        data.header.prompts.language.push_back("l" + std::to_string(p % kLanguages));
        data.header.prompts.group.push_back("g" + std::to_string(p / kLanguages));
        data.header.prompts.token_count.push_back(2);
        data.tokens.id.insert(data.tokens.id.end(), {1, 2});
        data.tokens.special.insert(data.tokens.special.end(), {1, 0});
    }
    for (std::size_t layer = 0; layer < layers; ++layer) {
        data.stream_means[static_cast<LayerId>(layer)] =
            RandomStream(kUnits, kLanguages, kWidth, apart(layer), 100).rows;
    }
    return data;
}

StreamAnalysis analyzed(const TraceData& data, const AnalysisOptions& options = {}) {
    Progress progress;
    return analyze_stream(*make_trace(data), options, progress);
}

}  // namespace

TEST_CASE("a dense checkpoint has a depth curve and a verdict of its own") {
    const StreamAnalysis stream = analyzed(
        planted_stream(9, [](std::size_t layer) { return layer < 3 || layer > 5 ? 1.0F : 0.1F; }));
    REQUIRE(stream.layers.size() == 9);
    CHECK(stream.verdict.pattern == Pattern::u_shaped);
    // Centres of variance 1 among noise of variance 1.
    CHECK(stream.layers[0].language_variance.value > 0.3);
    CHECK(stream.layers[4].language_variance.high < 0.1);
    CHECK(stream.layers[0].language_variance.low > 0.2);
    CHECK(stream.layers[0].prompts == 96);
    CHECK_FALSE(stream.layers[0].routed);
    CHECK(stream.sentence.find("u_shaped") != std::string::npos);
    const Json json = stream_json(stream);
    CHECK(json["layers"][0]["probe"]["chance"] == 0.25);
    CHECK(json["verdict"]["pattern"] == "u_shaped");
}

TEST_CASE("prompts that were not done have no place in the stream") {
    TraceData data = planted_stream(2, [](std::size_t) { return 1.0F; });
    data.header.prompts.done.assign(96, 1);
    data.header.prompts.done[5] = 0;
    data.stream_means[1](7, 3) = std::numeric_limits<float>::infinity();
    const StreamAnalysis stream = analyzed(data);
    CHECK(stream.layers[0].prompts == 95);
    CHECK(stream.layers[1].prompts == 94);
    CHECK(stream.verdict.pattern == Pattern::too_few_routed_layers);
}

TEST_CASE("recorded streams give what their means give") {
    TraceData means = planted_stream(1, [](std::size_t) { return 1.0F; });
    TraceData streams = means;
    streams.stream_means.clear();
    // The text token carries the vector at any length; the special one something else.
    Grid<float> hidden(192, 16, 7.0F);
    Grid<float>& of_prompts = means.stream_means[0];
    for (std::size_t p = 0; p < 96; ++p) {
        double squares = 0;
        for (const float v : of_prompts.row(p)) squares += static_cast<double>(v) * v;
        for (std::size_t i = 0; i < 16; ++i) {
            hidden(2 * p + 1, i) = static_cast<float>(p + 1) * of_prompts(p, i);
            of_prompts(p, i) /= static_cast<float>(std::sqrt(squares / 16));
        }
    }
    streams.hidden[0] = hidden;
    const StreamLayer a = analyzed(means).layers[0], b = analyzed(streams).layers[0];
    // Rounding of floats.
    CHECK(a.language_variance.value == Approx(b.language_variance.value).epsilon(1e-5));
    CHECK(a.translations.distance.value == Approx(b.translations.distance.value).epsilon(1e-5));
    CHECK(a.probe.accuracy.value == b.probe.accuracy.value);
    CHECK_FALSE(analyzed(streams).from_means);
}

TEST_CASE("means of prompts do not answer for single tokens") {
    const TraceData data = planted_stream(1, [](std::size_t) { return 1.0F; });
    CHECK(analyzed(data, {.where = "language != l3"}).layers[0].prompts == 72);
    TraceData longer = data;
    for (auto& count : longer.header.prompts.token_count) count = 3;
    longer.tokens.id.assign(288, 1);
    longer.tokens.special.clear();
    CHECK_THROWS_AS(analyzed(longer, {.where = "position > 1"}), UserError);
    CHECK_THROWS_AS(analyzed(data, {.by = "class"}), UserError);
    TraceData without = data;
    without.stream_means.clear();
    CHECK_THROWS_AS(analyzed(without), UserError);
}

TEST_CASE("dense checkpoints and others stand on one picture with every number") {
    const auto flat = [](std::size_t) { return 0.5F; };
    const TextMeter meter = [](std::string_view text, const TextStyle& style) {
        return Size{style.size * 0.6 * static_cast<double>(text.size()), style.size};
    };
    std::vector<StreamRun> runs{{"dense", analyzed(planted_stream(4, flat)), {}},
                                {"moe", analyzed(planted_stream(6, flat)), {}}};
    runs[1].routing = {{3, {0.4, 0.3, 0.5}}, {5, {0.6, 0.5, 0.7}}};
    const Figure figure = stream_figure(runs, {}, light_theme(), meter);
    // Three panels of the stream, and the routing of two layers.
    CHECK(figure.data.size() == 3 * (4 + 6) + 2);
    CHECK(figure.data[0].group == "dense");
    CHECK(figure.data[0].values[0].number == runs[0].stream.layers[0].language_variance.value);
    CHECK(figure.data.back().values[0].number == 0.6);
    // Marks of the same share of the layers stand above each other.
    const auto place = [&](int layer, const std::string& group) {
        for (const Mark& mark : figure.marks) {
            const auto* circle = std::get_if<CircleShape>(&mark.shape);
            if (circle == nullptr || mark.datum < 0) continue;
            const Datum& datum = figure.data[static_cast<std::size_t>(mark.datum)];
            if (datum.layer == layer && datum.group == group) return circle->center.x;
        }
        return -1.0;
    };
    CHECK(place(1, "dense") == Approx(place(2, "moe")));
}

TEST_CASE("a run without its residual stream shows its routing and says what is missing") {
    const TextMeter meter = [](std::string_view text, const TextStyle& style) {
        return Size{style.size * 0.6 * static_cast<double>(text.size()), style.size};
    };
    const TracePtr routed = test::planted_trace({.layers = 6, .pull = [](double) { return 0.4; }});
    Progress progress;
    const StreamRun run = stream_run(*routed, "moe", {}, progress);
    CHECK(run.stream.layers.empty());
    CHECK(run.missing.starts_with("no residual stream recorded"));
    REQUIRE(run.routing.size() == 6);
    const StreamRun dense{"dense", analyzed(planted_stream(6, [](std::size_t) { return 0.5F; }))};
    const Figure both = stream_figure({run, dense}, {}, light_theme(), meter);
    CHECK(both.data.size() == 3 * 6 + 6);
    CHECK(test::has_text(both, "moe:"));
    const Figure alone = stream_figure({run}, {}, light_theme(), meter);
    CHECK(alone.data.size() == 6);
    for (const Datum& datum : alone.data) CHECK(datum.values[0].name == "relative divergence");
}

TEST_CASE("a dense trace without its residual stream is named by its file") {
    TraceData data = planted_stream(2, [](std::size_t) { return 0.5F; });
    data.stream_means.clear();
    data.header.path = "folder/dense.h5";
    Progress progress;
    CHECK_THROWS_MATCHES(stream_run(*make_trace(data), "dense", {}, progress), UserError,
                         Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(
                             "'folder/dense.h5' holds nothing")));
}

}  // namespace alluvium
