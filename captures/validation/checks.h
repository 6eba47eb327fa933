#pragma once
// The parts of validate_trace(). Each adds to the report what it finds.
#include <functional>
#include <map>
#include <string>

#include "captures/storage/trace_file.h"
#include "captures/validate.h"

namespace alluvium {

// Counts the rows of one dataset by what is wrong with them.
class ProblemCounts {
  public:
    explicit ProblemCounts(std::string dataset) : dataset_(std::move(dataset)) {}
    void add(const std::string& what, std::uint64_t row);
    void report(TraceReport& report) const;

  private:
    std::string dataset_;
    std::map<std::string, TraceProblem> by_what_;
};

// What every check over rows needs to know of a row.
class RowStates {
  public:
    explicit RowStates(const TraceFile& file);
    // Whether the row belongs to a finished prompt.
    bool is_done(TokenPos row) const { return done_[row] != 0; }
    // Whether the row holds a token: of a finished prompt, and not reserved for generation.
    bool is_used(TokenPos row) const { return done_[row] != 0 && phase_[row] != kPhaseUnused; }
    std::uint8_t phase(TokenPos row) const { return phase_[row]; }
    bool is_last_of_prompt(TokenPos row) const { return last_[row] != 0; }

  private:
    std::vector<std::uint8_t> done_, last_, phase_;
};

// Calls `visit(range)` for blocks of rows that hold at most a few megabytes of `row_bytes` each.
void for_each_block(TokenPos rows, std::uint64_t row_bytes,
                    const std::function<void(TokenRange)>& visit);

// Texts are UTF-8, ids unique, ranges disjoint and complete, flags 0 or 1.
void check_prompts(const TraceFile& file, TraceReport& report);
// Prompt, position, offsets, phase and special of every token agree with the prompts.
void check_tokens(const TraceFile& file, const RowStates& rows, TraceReport& report);
// Experts, weights, logits, margins and random experts of one routed layer.
void check_layer_rows(const TraceFile& file, std::size_t routed, const RowStates& rows,
                      TraceReport& report);
// Hidden states, output logits and next-token losses.
void check_outputs(const TraceFile& file, const RowStates& rows, TraceReport& report);
// kind == counts: sums against tokens x top_k, gate sums finite and not negative.
void check_counts(const TraceFile& file, TraceReport& report);

}  // namespace alluvium
