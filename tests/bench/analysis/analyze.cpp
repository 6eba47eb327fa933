// alluvium_bench_analyze FOLDER [TOKENS]: what an analysis costs beside reading the experts' ids
// once, on a trace of 1 million tokens (48 layers, 8 of 128 experts, 12 languages in translation
// groups of 100 tokens a prompt) that it writes into FOLDER, about 0.4 GB. One JSON object on
// standard output.
#include "analysis/analyze.h"

#include <chrono>
#include <filesystem>
#include <iostream>

#include "analysis/token_selection.h"
#include "base/json.h"
#include "tests/analysis/planted_trace.h"
#include "tests/bench/measure.h"

namespace {

using namespace alluvium;

test::PlantedTrace plan_of(std::uint64_t tokens) {
    test::PlantedTrace plan;
    plan.languages = 12;
    plan.tokens = 100;
    plan.groups = static_cast<std::size_t>(tokens / (plan.languages * plan.tokens));
    plan.layers = 48;
    plan.experts = 128;
    plan.top_k = 8;
    plan.pull = [](double depth) { return depth / 4; };
    return plan;
}

// Ids alone, as a trace that was captured with --record experts.
void write(const std::string& path, std::uint64_t tokens) {
    TraceData data = test::planted_data(plan_of(tokens));
    for (LayerData& layer : data.layers) layer.weights = {};
    write_trace(data, path);
}

struct Cost {
    double seconds = 0, cpu_seconds = 0;
};

template <typename Work>
Cost cost(const Work& work) {
    const bench::Measured measured = bench::measure(3, work);
    return {bench::median(measured.seconds), bench::median(measured.cpu_seconds)};
}

void read_ids(const RoutingTrace& trace) {
    const TokenPos rows = trace.header().token_count;
    for (std::size_t l = 0; l < trace.layers().size(); ++l) {
        for (TokenPos first = 0; first < rows; first += kBlockRows) {
            trace.experts(l, {first, std::min(rows, first + kBlockRows)});
        }
    }
}

Json json_of(const Cost& cost, const Cost& reading) {
    return {{"seconds", cost.seconds},
            {"cpu_seconds", cost.cpu_seconds},
            {"times_reading", cost.cpu_seconds / reading.cpu_seconds}};
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::cerr << "usage: alluvium_bench_analyze FOLDER [TOKENS]\n";
        return 2;
    }
    std::filesystem::create_directories(argv[1]);
    const std::string path = (std::filesystem::path(argv[1]) / "analyze.h5").string();
    const std::uint64_t tokens = argc > 2 ? std::stoull(argv[2]) : 1'000'000;
    write(path, tokens);
    const TracePtr trace = open_trace(path);
    const Cost reading = cost([&] { read_ids(*trace); });
    AnalysisOptions options;
    Progress progress;
    const Cost controlled = cost([&] { analyze(*trace, options, progress); });
    options.controls = ControlOptions::none();
    const Cost plain = cost([&] { analyze(*trace, options, progress); });
    std::cout << Json{{"tokens", trace->header().token_count},
                      {"reading", json_of(reading, reading)},
                      {"analysis", json_of(plain, reading)},
                      {"with_controls", json_of(controlled, reading)}}
                     .dump()
              << std::endl;
} catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
}
