// alluvium_bench_verdicts [SEEDS] [NAME...]: how often planted traces are judged wrongly, one JSON
// object per trace and size on standard output: the patterns named, on the total and on the
// remainder, and how many of them are wrong. docs/metrics.md holds the figures for 200 seeds.
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "base/json.h"
#include "tests/analysis/planted_trace.h"
#include "tests/support/confounded_trace.h"

namespace {

using namespace alluvium;
using namespace alluvium::test;

using Pull = std::function<double(double)>;

// What a trace may be called; `inconclusive` and, of a remainder, `unsupported` always are.
using Patterns = std::set<std::string>;

struct Case {
    std::string name;
    std::function<TracePtr(std::uint64_t seed)> make;
    Patterns right;
    Patterns right_remainder = right;
};

const Patterns kNone = {"no_language_routing"};
// Nothing is claimed about the total: tokens that differ make routes that differ.
const Patterns kAny = {};

std::string sized(const std::string& name, std::size_t layers) {
    return name + ", " + std::to_string(layers) + " layers";
}

Pull steps(double low, double high, std::function<bool(double)> up) {
    return [=](double depth) { return up(depth) ? high : low; };
}

Case noise(std::size_t layers, bool translations) {
    return {sized(translations ? "noise, translations" : "noise", layers),
            [=](std::uint64_t seed) {
                PlantedTrace plan;
                plan.layers = layers;
                plan.groups = 12;
                plan.tokens = 12;
                plan.translations = translations;
                plan.seed = seed;
                return planted_trace(plan);
            },
            kNone};
}

struct Planting {
    std::string name;
    Pull pull;
    std::string pattern;
};

Case planted(const Planting& planting, std::size_t groups, std::size_t layers) {
    return {sized(planting.name + ", " + std::to_string(groups) + " groups", layers),
            [=](std::uint64_t seed) {
                PlantedTrace plan;
                plan.groups = groups;
                plan.layers = layers;
                plan.tokens = 30;
                plan.pull = planting.pull;
                plan.seed = seed;
                return planted_trace(plan);
            },
            {planting.pattern}};
}

TracePtr confounded_by(Confound confound, std::size_t layers, const Pull& pull,
                       std::uint64_t seed) {
    ConfoundedTrace plan;
    plan.confound = confound;
    plan.layers = layers;
    plan.seed = seed;
    if (pull) plan.pull = pull;
    return confounded_trace(plan);
}

Case blind(const std::string& confound_name, Confound confound, std::size_t layers) {
    return {sized("blind: " + confound_name, layers),
            [=](std::uint64_t seed) { return confounded_by(confound, layers, {}, seed); }, kAny,
            kNone};
}

Case under_class_mix(const Planting& planting, std::size_t layers) {
    return {sized("class mix and " + planting.name, layers),
            [=](std::uint64_t seed) {
                return confounded_by(Confound::class_mix, layers, planting.pull, seed);
            },
            {planting.pattern}};
}

std::vector<Case> all_cases() {
    const auto late = [](double d) { return d > 0.67; };
    const auto ends = [](double d) { return d > 0.67 || d < 0.33; };
    const auto early = [](double d) { return d < 0.33; };
    const std::string spread = "spread_out_in_the_end";
    std::vector<Case> cases;
    for (const std::size_t layers : {18, 48}) {
        cases.push_back(noise(layers, true));
        cases.push_back(noise(layers, false));
        for (const std::size_t groups : {8, 16, 32}) {
            cases.push_back(
                planted({"U 0.2 -> 0.5", steps(0.2, 0.5, ends), "u_shaped"}, groups, layers));
        }
        cases.push_back(
            planted({"front-loaded", steps(0.2, 0.5, early), "front_loaded"}, 16, layers));
        cases.push_back(planted({"flat", steps(0.3, 0.3, late), "flat"}, 16, layers));
        cases.push_back(planted({"too little", steps(0.3, 0.35, late), "flat"}, 64, layers));
        cases.push_back(blind("plain", Confound::none, layers));
        cases.push_back(blind("class mix", Confound::class_mix, layers));
        cases.push_back(blind("fertility", Confound::fertility, layers));
        cases.push_back(blind("position", Confound::position, layers));
        cases.push_back(blind("digits", Confound::digits, layers));
        cases.push_back(blind("huge prompt", Confound::huge_prompt, layers));
        cases.push_back(under_class_mix({"U", steps(0.1, 0.6, ends), "u_shaped"}, layers));
        cases.push_back(under_class_mix({"spread out", steps(0.1, 0.6, late), spread}, layers));
        for (const std::size_t groups : {4, 8, 16, 32, 64}) {
            for (const double high : {0.45, 0.5, 0.6}) {
                const std::string name = "spread out 0.3 -> " + Json(high).dump();
                cases.push_back(planted({name, steps(0.3, high, late), spread}, groups, layers));
            }
        }
    }
    return cases;
}

// Patterns by how often they were named.
using Tally = std::map<std::string, int>;

int wrong(const Tally& tally, Patterns right) {
    right.insert({"inconclusive", "unsupported"});
    int count = 0;
    for (const auto& [pattern, times] : tally) count += right.contains(pattern) ? 0 : times;
    return count;
}

Json run(const Case& planted_case, std::uint64_t seeds) {
    Tally total, remainder;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        AnalysisOptions options;
        options.seed = seed;
        options.bootstraps = 0;
        options.noise_splits = 0;
        options.controls.robustness = false;
        Progress progress;
        const Verdict verdict = analyze(*planted_case.make(seed), options, progress).verdict;
        ++total[std::string(to_string(verdict.pattern))];
        ++remainder[std::string(to_string(verdict.remainder->pattern))];
    }
    Json json = {{"case", planted_case.name},
                 {"seeds", seeds},
                 {"total", total},
                 {"remainder", remainder},
                 {"wrong_remainder", wrong(remainder, planted_case.right_remainder)}};
    if (!planted_case.right.empty()) json["wrong_total"] = wrong(total, planted_case.right);
    return json;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t seeds = argc > 1 ? std::stoull(argv[1]) : 200;
    for (const Case& planted_case : all_cases()) {
        bool wanted = argc <= 2;
        for (int i = 2; i < argc; ++i)
            wanted |= planted_case.name.find(argv[i]) != std::string::npos;
        if (wanted) std::cout << run(planted_case, seeds).dump() << std::endl;
    }
}
