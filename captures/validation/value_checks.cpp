#include <algorithm>
#include <cmath>

#include "captures/row_checks.h"
#include "captures/validation/checks.h"

namespace alluvium {
namespace {

using hdf5::NumberArray;

// -log p is never negative; softmax in f32 leaves this much below zero for p = 1.
constexpr float kSmallestLoss = -1e-3F;

std::uint64_t row_bytes(const NumberArray& array) {
    return hdf5::byte_size(array.type) * (array.shape.size() < 2 ? 1 : array.shape.back());
}

// Calls `check(row number, values of the row)` for every row of a plane that holds a token.
template <typename T, typename Check>
void for_each_used_row(const TraceFile& file, const NumberArray& array, const RowStates& rows,
                       std::uint64_t plane, Check check) {
    const TokenPos count = file.contents().header.token_count;
    for_each_block(count, row_bytes(array), [&](TokenRange range) {
        const Grid<T> block = file.read<T>(array, range, plane);
        for (std::size_t i = 0; i < block.rows(); ++i) {
            if (rows.is_used(range.begin + i)) check(range.begin + i, block.row(i));
        }
    });
}

void check_floats(const TraceFile& file, const OptionalArray& array, const RowStates& rows,
                  TraceReport& report) {
    if (!array) return;
    ProblemCounts problems(array->path);
    const auto finite = [](float value) { return std::isfinite(value); };
    for_each_used_row<float>(file, *array, rows, 0, [&](TokenPos row, std::span<const float> v) {
        if (!std::ranges::all_of(v, finite)) problems.add("values that are not finite", row);
    });
    problems.report(report);
}

// Faults of one plane of expert ids, and how many rows lack some or all of their experts.
std::uint64_t check_experts(const TraceFile& file, const NumberArray& array, std::uint32_t experts,
                            const RowStates& rows, std::uint64_t plane, ProblemCounts& problems) {
    std::uint64_t lacking = 0;
    RowChecker checker(experts);
    const std::string unknown = "experts that do not exist (of " + std::to_string(experts) + ")";
    for_each_used_row<ExpertId>(file, array, rows, plane,
                                [&](TokenPos row, std::span<const ExpertId> ids) {
                                    lacking += std::ranges::count(ids, kMissingExpert) > 0 ? 1 : 0;
                                    const RowState state = checker.check(ids);
                                    if (state == RowState::out_of_range) problems.add(unknown, row);
                                    if (state == RowState::duplicate)
                                        problems.add("the same expert twice", row);
                                });
    return lacking;
}

void check_reserved(const TraceFile& file, const NumberArray& array, const RowStates& rows,
                    ProblemCounts& problems) {
    for_each_block(file.contents().header.token_count, row_bytes(array), [&](TokenRange range) {
        const Grid<ExpertId> block = file.read<ExpertId>(array, range);
        for (std::size_t i = 0; i < block.rows(); ++i) {
            const TokenPos row = range.begin + i;
            if (!rows.is_done(row) || rows.is_used(row)) continue;
            const auto ids = block.row(i);
            if (std::ranges::count(ids, kMissingExpert) != std::ssize(ids)) {
                problems.add("experts although the row is reserved", row);
            }
        }
    });
}

void check_margin(const TraceFile& file, const NumberArray& array, const RoutedLayerInfo& info,
                  const RowStates& rows, TraceReport& report) {
    ProblemCounts problems(array.path);
    const bool has_runner_up = info.top_k < info.experts;
    for_each_used_row<float>(file, array, rows, 0, [&](TokenPos row, std::span<const float> v) {
        if (std::isnan(v[0]) && !has_runner_up) return;
        if (std::isnan(v[0])) problems.add("values that are not finite", row);
        if (v[0] < 0) problems.add("negative margins", row);
    });
    problems.report(report);
}

// A prompt without a text token has no mean at all: a row that is NaN throughout.
void check_means(const TraceFile& file, const NumberArray& array, TraceReport& report) {
    ProblemCounts problems(array.path);
    const std::vector<std::uint8_t>& done = file.contents().header.prompts.done;
    const Grid<float> rows = file.read<float>(array, {0, done.size()});
    for (std::size_t p = 0; p < done.size(); ++p) {
        const auto row = rows.row(p);
        const bool none = std::ranges::all_of(row, [](float v) { return std::isnan(v); });
        const bool all = std::ranges::all_of(row, [](float v) { return std::isfinite(v); });
        if (done[p] != 0 && !none && !all) problems.add("values that are not finite", p);
    }
    problems.report(report);
}

}  // namespace

void check_layer_rows(const TraceFile& file, std::size_t routed, const RowStates& rows,
                      TraceReport& report) {
    const RoutedLayerInfo& info = file.contents().header.layers[routed];
    const LayerArrays& arrays = file.contents().layers[routed];
    if (arrays.expert) {
        ProblemCounts problems(arrays.expert->path);
        const std::uint64_t lacking =
            check_experts(file, *arrays.expert, info.experts, rows, 0, problems);
        check_reserved(file, *arrays.expert, rows, problems);
        problems.report(report);
        if (lacking > 0) {
            report.notes.push_back(arrays.expert->path + ": " + std::to_string(lacking) +
                                   " rows of finished prompts lack an expert");
        }
        if (arrays.expert->type == hdf5::NumberType::u8 && info.experts > 255) {
            report.notes.push_back(arrays.expert->path +
                                   ": one byte cannot tell expert 255 from a missing one");
        }
    }
    if (arrays.random_expert) {
        ProblemCounts problems(arrays.random_expert->path);
        for (std::uint32_t draw = 0; draw < info.random_routers; ++draw) {
            check_experts(file, *arrays.random_expert, info.experts, rows, draw, problems);
        }
        problems.report(report);
    }
    check_floats(file, arrays.weight, rows, report);
    check_floats(file, arrays.logit, rows, report);
    if (arrays.margin) check_margin(file, *arrays.margin, info, rows, report);
}

void check_outputs(const TraceFile& file, const RowStates& rows, TraceReport& report) {
    for (const auto& [layer, array] : file.contents().hidden) {
        check_floats(file, array, rows, report);
    }
    for (const auto& [layer, array] : file.contents().stream_means) {
        check_means(file, array, report);
    }
    check_floats(file, file.contents().output_logit, rows, report);
    const OptionalArray& nll = file.contents().nll;
    if (!nll) return;
    ProblemCounts problems(nll->path);
    for_each_used_row<float>(file, *nll, rows, 0, [&](TokenPos row, std::span<const float> v) {
        if (rows.is_last_of_prompt(row) && std::isnan(v[0])) return;
        if (!std::isfinite(v[0])) problems.add("values that are not finite", row);
        if (v[0] < kSmallestLoss) problems.add("negative losses", row);
    });
    problems.report(report);
}

}  // namespace alluvium
