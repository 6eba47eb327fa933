#pragma once
// Options that `analyze` and `render` share.
#include <CLI/CLI.hpp>
#include <string>

#include "analysis/options.h"

namespace alluvium {

struct AnalysisFlags {
    std::string by = "language";
    std::string where;  // empty: everything
    std::string weighting = "count";
    std::string flow = "mass";
    std::string keep;  // empty: no circuit
    bool include_special = false;
    bool controls = true;
    std::uint64_t seed = 0;

    // `keep_name` is what the command calls the circuit's rule: --circuit or --keep.
    void add_to(CLI::App& command, const std::string& keep_name);
    AnalysisOptions parsed() const;
};

}  // namespace alluvium
