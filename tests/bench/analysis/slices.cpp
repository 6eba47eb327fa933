// alluvium_bench_slices FOLDER TOKENS: what choosing the tokens of a slice takes in memory and
// time, on a trace of that many tokens (one layer, 2 of 8 experts, 100 tokens a prompt) in FOLDER,
// which a first run writes. The second run measures: writing needs more memory than reading. One
// JSON object on standard output.
#include <chrono>
#include <filesystem>
#include <iostream>

#include <sys/resource.h>

#include "analysis/token_selection.h"
#include "base/json.h"
#include "tests/analysis/planted_trace.h"

namespace {

using namespace alluvium;

void write(const std::string& path, std::uint64_t tokens) {
    test::PlantedTrace plan;
    plan.languages = 10;
    plan.tokens = 100;
    plan.groups = static_cast<std::size_t>(tokens / 1000);
    plan.layers = 1;
    TraceData data = test::planted_data(plan);
    data.layers[0].weights = {};
    write_trace(data, path);
}

double peak_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

Json measured(const RoutingTrace& trace, const std::string& where) {
    const auto start = std::chrono::steady_clock::now();
    Progress progress;
    const TokenSelection selection =
        select_tokens(trace, group_rows(trace.header(), "language"), {false, where}, progress);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::size_t runs = 0;
    for ([[maybe_unused]] const TokenRun& run : selection.runs) ++runs;
    return {{"where", where},
            {"selected", selection.census.selected},
            {"runs", runs},
            {"selection_mib", static_cast<double>(selection.runs.bytes()) / (1 << 20)},
            {"seconds", taken.count()},
            {"peak_mib", peak_mib()}};
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) {
        std::cerr << "usage: alluvium_bench_slices FOLDER TOKENS\n";
        return 2;
    }
    const std::string path =
        (std::filesystem::path(argv[1]) / ("slices-" + std::string(argv[2]) + ".h5")).string();
    if (!std::filesystem::exists(path)) {
        std::filesystem::create_directories(argv[1]);
        write(path, std::stoull(argv[2]));
        std::cerr << path << " is written: run again to measure\n";
        return 0;
    }
    const TracePtr trace = open_trace(path);
    Json json = {{"tokens", trace->header().token_count}, {"opened_peak_mib", peak_mib()}};
    for (const char* where : {"", "L0:E3", "not L0:E3"})
        json["slices"].push_back(measured(*trace, where));
    std::cout << json.dump() << std::endl;
} catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
}
