// alluvium_bench_verdicts [SEEDS] [NAME...]: how often planted traces are judged wrongly, one JSON
// object per trace and size on standard output. docs/metrics.md holds the figures for 200 seeds.
#include <functional>
#include <iostream>
#include <map>
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

struct Case {
    std::string name;
    std::function<TracePtr(std::uint64_t seed)> make;
};

Pull steps(double low, double high, std::function<bool(double)> up) {
    return [=](double depth) { return up(depth) ? high : low; };
}

Case noise(std::size_t layers, bool translations) {
    return {
        "noise " + std::to_string(layers) + (translations ? " layers, translations" : " layers"),
        [=](std::uint64_t seed) {
            PlantedTrace plan;
            plan.layers = layers;
            plan.groups = 12;
            plan.tokens = 12;
            plan.translations = translations;
            plan.seed = seed;
            return planted_trace(plan);
        }};
}

Case planted(const std::string& name, std::size_t groups, Pull pull) {
    return {name + ", " + std::to_string(groups) + " groups", [=](std::uint64_t seed) {
                PlantedTrace plan;
                plan.groups = groups;
                plan.layers = 18;
                plan.tokens = 30;
                plan.pull = pull;
                plan.seed = seed;
                return planted_trace(plan);
            }};
}

Case confounded_case(const std::string& name, Confound confound, Pull pull = {}) {
    return {name, [=](std::uint64_t seed) {
                ConfoundedTrace plan;
                plan.confound = confound;
                plan.seed = seed;
                if (pull) plan.pull = pull;
                return confounded_trace(plan);
            }};
}

std::vector<Case> all_cases() {
    const auto late = [](double d) { return d > 0.67; };
    const auto ends = [](double d) { return d > 0.67 || d < 0.33; };
    const auto early = [](double d) { return d < 0.33; };
    std::vector<Case> cases;
    for (const std::size_t layers : {18, 48}) {
        cases.push_back(noise(layers, true));
        cases.push_back(noise(layers, false));
    }
    for (const std::size_t groups : {4, 8, 16, 32}) {
        cases.push_back(planted("spread out 0.3 -> 0.4", groups, steps(0.3, 0.4, late)));
        cases.push_back(planted("spread out 0.2 -> 0.5", groups, steps(0.2, 0.5, late)));
    }
    cases.push_back(planted("U", 16, steps(0.2, 0.5, ends)));
    cases.push_back(planted("front-loaded", 16, steps(0.2, 0.5, early)));
    cases.push_back(planted("flat", 16, steps(0.3, 0.3, late)));
    cases.push_back(confounded_case("blind: plain", Confound::none));
    cases.push_back(confounded_case("blind: class mix", Confound::class_mix));
    cases.push_back(confounded_case("blind: fertility", Confound::fertility));
    cases.push_back(confounded_case("blind: position", Confound::position));
    cases.push_back(confounded_case("blind: digits", Confound::digits));
    cases.push_back(confounded_case("blind: huge prompt", Confound::huge_prompt));
    cases.push_back(confounded_case("class mix and U", Confound::class_mix, steps(0.1, 0.6, ends)));
    cases.push_back(
        confounded_case("class mix and spread out", Confound::class_mix, steps(0.1, 0.6, late)));
    return cases;
}

Json run(const Case& planted_case, std::uint64_t seeds) {
    std::map<std::string, int> total, remainder;
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
    return {
        {"case", planted_case.name}, {"seeds", seeds}, {"total", total}, {"remainder", remainder}};
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
