#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/utf8.h"
#include "captures/validation/checks.h"

namespace alluvium {
namespace {

// Published counts are off by a few; above this share they belong to something else.
constexpr double kTolerance = 0.01;

void check_layer(const TraceFile& file, std::size_t routed, TraceReport& report) {
    const TraceHeader& header = file.contents().header;
    const RoutedLayerInfo& info = header.layers[routed];
    const LayerArrays& arrays = file.contents().layers[routed];
    const TokenRange groups{0, header.groups.label.size()};
    const Grid<std::uint64_t> count = file.read<std::uint64_t>(*arrays.count, groups);
    ProblemCounts problems(arrays.count->path);
    std::uint64_t slightly_off = 0;
    for (std::size_t g = 0; g < count.rows(); ++g) {
        const auto row = count.row(g);
        const auto tokens = static_cast<double>(header.groups.tokens[g]);
        const auto sum =
            static_cast<double>(std::accumulate(row.begin(), row.end(), std::uint64_t{0}));
        const double expected = tokens * info.top_k;
        const double off = std::abs(sum - expected);
        if (off > kTolerance * expected) {
            problems.add("counts that do not add up to tokens x " + std::to_string(info.top_k), g);
        } else if (off > 0) {
            ++slightly_off;
        }
        const auto most = static_cast<double>(*std::ranges::max_element(row));
        if (most > (1 + kTolerance) * tokens) {
            problems.add("an expert chosen more often than there are tokens", g);
        }
    }
    problems.report(report);
    if (slightly_off > 0) {
        report.notes.push_back(arrays.count->path + ": counts of " + std::to_string(slightly_off) +
                               " groups are within 1 % of tokens x " + std::to_string(info.top_k) +
                               " but not equal to it");
    }
    if (!arrays.weight_sum) return;
    ProblemCounts sums(arrays.weight_sum->path);
    const Grid<double> weight_sum = file.read<double>(*arrays.weight_sum, groups);
    for (std::size_t g = 0; g < weight_sum.rows(); ++g) {
        const auto possible = [](double value) { return std::isfinite(value) && value >= 0; };
        if (!std::ranges::all_of(weight_sum.row(g), possible)) {
            sums.add("sums that are negative or not finite", g);
        }
    }
    sums.report(report);
}

}  // namespace

void check_counts(const TraceFile& file, TraceReport& report) {
    ProblemCounts labels("groups/label");
    const auto& groups = file.contents().header.groups.label;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (first_invalid_utf8(groups[g])) labels.add("malformed UTF-8", g);
        if (std::ranges::count(groups, groups[g]) > 1) labels.add("a label used twice", g);
    }
    labels.report(report);
    for (std::size_t i = 0; i < file.contents().layers.size(); ++i) check_layer(file, i, report);
}

}  // namespace alluvium
