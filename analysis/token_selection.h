#pragma once
// Which tokens of a trace an analysis counts.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/grouping.h"
#include "analysis/token_census.h"
#include "analysis/token_runs.h"
#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

// What the text columns say about one prompt, special tokens aside.
struct PromptTokens {
    std::uint32_t selected = 0;
    std::uint32_t text_tokens = 0;    // not special
    std::uint32_t fragments = 0;      // of those, holding only part of a character
    std::uint32_t covered_bytes = 0;  // of the text: less than its length where it was truncated
};

// Memory follows the prompts; a slice of single tokens takes half a byte a token besides.
struct TokenSelection {
    TokenRuns runs;
    std::vector<PromptTokens> prompts;  // [prompts]
    TokenCensus census;
};

// What of the labelled prompts is counted.
struct TokenChoice {
    bool include_special = false;
    std::string where;  // a slice (analysis/slices/slice.h); empty: everything
};

// Prompt tokens (phase 0) of labelled prompts that are done, without those added by the template or
// tokenizer unless asked for; of these the ones in the slice. A slice that names `phase` or
// `special` decides about these itself. Rows are read in blocks. UserError where nothing is left or
// the slice is not understood.
TokenSelection select_tokens(const RoutingTrace& trace, const Grouping& grouping,
                             const TokenChoice& choice, Progress& progress);

// The selection without the rows of `dropped` (ascending, disjoint).
TokenSelection without_rows(const TokenSelection& selection, std::span<const TokenRange> dropped);

inline constexpr TokenPos kBlockRows = 32768;

// Calls visit(range, runs) for consecutive stretches of at most kBlockRows rows; `runs` is what is
// selected inside `range`, clipped to it. Stretches without a selected row are skipped.
template <typename Visit>
void visit_blocks(const TokenSelection& selection, Visit visit) {
    std::vector<TokenRun> block;
    const auto flush = [&] {
        if (block.empty()) return;
        visit(TokenRange{block.front().begin, block.back().end}, std::span<const TokenRun>(block));
        block.clear();
    };
    for (TokenRun run : selection.runs) {
        while (run.begin < run.end) {
            if (!block.empty() && run.begin >= block.front().begin + kBlockRows) flush();
            const TokenPos first = block.empty() ? run.begin : block.front().begin;
            const TokenPos end = std::min(run.end, first + kBlockRows);
            block.push_back({run.begin, end, run.prompt});
            run.begin = end;
        }
    }
    flush();
}

}  // namespace alluvium
