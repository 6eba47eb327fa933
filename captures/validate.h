#pragma once
// Validates a trace file completely: every row of every array, as it is stored.
#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

// One kind of fault in one dataset.
struct TraceProblem {
    std::string dataset;  // "layers/022/expert"
    std::string what;     // "experts that do not exist (of 64)"
    std::uint64_t rows = 0;
    std::vector<std::uint64_t> first_rows;  // the first few of them, from 0

    // "layers/022/expert: 3 rows with experts that do not exist (of 64): 17, 18, 40".
    std::string sentence() const;
};

struct TraceReport {
    std::string path;
    TraceKind kind = TraceKind::tokens;
    std::uint64_t bytes = 0;
    std::uint64_t prompts = 0, prompts_done = 0, prompts_truncated = 0;
    std::uint64_t tokens = 0;
    std::vector<std::string> groups;  // kind == counts
    std::vector<LayerId> layers;
    std::vector<std::string> fields;  // "expert (16-bit integers)", ..., as the layers record them
    std::vector<TraceProblem> problems;  // readers take such rows as missing
    std::vector<std::string> notes;      // worth knowing, no faults: unfinished prompts, rounding

    bool ok() const { return problems.empty(); }
};

// Rows of prompts that are not done are missing by definition and not looked at. UserError where
// the file cannot be opened at all; Cancelled through `progress`, which counts arrays.
TraceReport validate_trace(const std::string& path, Progress* progress = nullptr);

}  // namespace alluvium
