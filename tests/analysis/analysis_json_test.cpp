// The JSON that scripts rely on: every name of docs/metrics.md, no NaN, a reason for every gap.
#include "analysis/analysis_json.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "tests/analysis/planted_trace.h"

using namespace alluvium;
using Catch::Matchers::WithinAbs;

namespace {

Json json_of(const TraceData& data, const AnalysisOptions& options) {
    Progress progress;
    return analysis_json(analyze(*make_trace(data), options, progress));
}

TraceData full_trace() {
    test::PlantedTrace plan;
    plan.pull = [](double d) { return d > 0.7 ? 0.6 : 0.1; };
    TraceData data = test::planted_data(plan);
    for (LayerData& layer : data.layers) {
        layer.logits = Grid<float>(data.tokens.size(), plan.experts, 0.5f);
        layer.margin.assign(data.tokens.size(), 0.25f);
    }
    return data;
}

AnalysisOptions quick() {
    AnalysisOptions options;
    options.permutations = 30;
    options.bootstraps = 10;
    options.circuit = CircuitOptions{};
    return options;
}

// Paths of null leaves, array indices left out.
void collect_nulls(const Json& json, const std::string& path, std::vector<std::string>& out) {
    if (json.is_null()) out.push_back(path);
    if (json.is_array()) {
        for (const Json& element : json) collect_nulls(element, path, out);
    }
    if (!json.is_object()) return;
    for (const auto& [key, value] : json.items()) {
        collect_nulls(value, path.empty() ? key : path + "." + key, out);
    }
}

bool all_finite(const Json& json) {
    if (json.is_structured()) {
        return std::all_of(json.begin(), json.end(), [](const Json& j) { return all_finite(j); });
    }
    return !json.is_number_float() || std::isfinite(json.get<double>());
}

}  // namespace

TEST_CASE("Every field of the documented JSON is there") {
    const Json json = json_of(full_trace(), quick());
    for (const char* field : {"trace", "by", "groups", "tokens", "weighting", "layers", "verdict",
                              "missing", "circuit"}) {
        INFO(field);
        CHECK(json.contains(field));
    }
    const Json& layer = json["layers"][3];
    for (const char* field : {"layer",
                              "experts",
                              "top_k",
                              "share",
                              "token_ratio",
                              "divergence",
                              "information",
                              "random_router",
                              "noise_floor",
                              "pairwise",
                              "mutual_information",
                              "nmi",
                              "usage_entropy",
                              "token_entropy",
                              "load_cv",
                              "max_vio",
                              "gini",
                              "effective_experts",
                              "dead_experts",
                              "margin",
                              "exclusive",
                              "shared"}) {
        INFO(field);
        CHECK(layer.contains(field));
    }
    for (const char* field : {"value", "corrected", "low", "high", "ceiling", "relative",
                              "null_mean", "null_p95", "band", "top1"}) {
        INFO(field);
        CHECK(layer["divergence"][field].is_number());
    }
    const Json& verdict = json["verdict"];
    CHECK(verdict["pattern"] == "spread_out_in_the_end");
    CHECK(verdict["basis"] == "inferential");
    for (const char* field : {"d_late", "d_early", "late_two"}) {
        REQUIRE(verdict[field].size() == 3);
        CHECK(verdict[field][1] <= verdict[field][0]);
        CHECK(verdict[field][0] <= verdict[field][2]);
    }
    CHECK(verdict["onset"].is_number_integer());
    CHECK(verdict["sentence"].get<std::string>().find("spread out in the end") !=
          std::string::npos);
}

TEST_CASE("Verdict and JSON name the prompt set as far as the trace knows it") {
    const auto sentence = [](const Json& json) {
        return json["verdict"]["sentence"].get<std::string>();
    };
    TraceData data = full_trace();  // of prompts without text
    const Json nameless = json_of(data, quick());
    CHECK(nameless["sample"]["prompt_set"].is_null());
    CHECK(nameless["missing"].contains("sample.prompt_set"));
    CHECK(nameless["missing"].contains("sample.prompt_set_name"));
    CHECK(sentence(nameless).find("prompt set") == std::string::npos);

    data.header.provenance["prompt_set"] = "0123456789abcdef";
    const Json hashed = json_of(data, quick());
    CHECK(hashed["sample"]["prompt_set"] == "0123456789abcdef");
    CHECK(hashed["sample"]["prompt_set_name"].is_null());
    CHECK(sentence(hashed).find("of the prompt set 0123456789abcdef.") != std::string::npos);

    data.header.provenance["prompt_set_name"] = "majors";
    const Json named = json_of(data, quick());
    CHECK(named["sample"]["prompt_set_name"] == "majors");
    CHECK_FALSE(named["missing"].contains("sample.prompt_set_name"));
    CHECK(sentence(named).find("of the prompt set 'majors' (0123456789abcdef).") !=
          std::string::npos);
}

TEST_CASE("Groups are keyed by label and their shares are rows of all experts") {
    const Json json = json_of(full_trace(), quick());
    CHECK(json["groups"] == Json({"l0", "l1", "l2", "l3"}));
    CHECK(json["tokens"]["l1"] == 16 * 20);
    CHECK(json["layers"][0]["share"]["l2"].size() == 8);
    CHECK(json["layers"][0]["pairwise"].size() == 4);
}

TEST_CASE("The circuit has the documented shape") {
    const Json circuit = json_of(full_trace(), quick())["circuit"];
    CHECK(circuit["keep"] == "mass:0.5");
    CHECK(circuit["flow"] == "mass");
    for (const char* field : {"layer", "expert", "kind", "groups"}) {
        CHECK(circuit["nodes"][0].contains(field));
    }
    for (const char* field : {"layer", "from", "to", "group", "flow"}) {
        CHECK(circuit["links"][0].contains(field));
    }
    for (const char* field : {"layer", "value", "null"}) {
        CHECK(circuit["sharing"][0].contains(field));
    }
    const std::string group = circuit["links"][0]["group"];
    CHECK(group == "l0");
}

TEST_CASE("Without a circuit asked for the JSON has none") {
    AnalysisOptions options = quick();
    options.circuit.reset();
    CHECK_FALSE(json_of(full_trace(), options).contains("circuit"));
}

TEST_CASE("Every null of a poor trace has its reason") {
    // No weights, no logits, no margins, one prompt per language, text given as ids.
    test::PlantedTrace plan;
    plan.languages = 3;
    plan.groups = 1;
    plan.translations = false;
    TraceData data = test::planted_data(plan);
    for (LayerData& layer : data.layers) layer.weights = {};
    const Json json = json_of(data, quick());
    std::vector<std::string> nulls;
    collect_nulls(json, "", nulls);
    CHECK(nulls.size() > 10);
    for (std::string path : nulls) {
        INFO(path);
        if (path.rfind("layers.", 0) == 0) path = path.substr(7);
        bool explained = false;
        for (const auto& [field, reason] : json["missing"].items()) {
            const auto dot = field.rfind("layers.", 0) == 0 ? field.find('.', 7) + 1 : 0;
            const std::string name = field.substr(dot);
            explained |= path == name || path.rfind(name + ".", 0) == 0;
            CHECK_FALSE(reason.get<std::string>().empty());
        }
        CHECK(explained);
    }
}

TEST_CASE("No number is NaN or infinite") {
    TraceData data = full_trace();
    data.layers[2].margin.assign(data.tokens.size(), std::numeric_limits<float>::quiet_NaN());
    for (std::size_t t = 0; t < data.tokens.size(); ++t) {
        if (data.header.prompts.language[data.tokens.prompt[t]] == "l2") data.tokens.special[t] = 1;
    }
    CHECK(all_finite(json_of(data, quick())));
}
