#include <algorithm>

#include "captures/validation/checks.h"

namespace alluvium {
namespace {

constexpr std::size_t kNamedRows = 5;
constexpr std::uint64_t kBlockBytes = 4 << 20;

}  // namespace

std::string TraceProblem::sentence() const {
    std::string text = dataset + ": " + std::to_string(rows) + (rows == 1 ? " row" : " rows") +
                       " with " + what + ": ";
    for (std::size_t i = 0; i < first_rows.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(first_rows[i]);
    }
    return text + (rows > first_rows.size() ? ", ..." : "");
}

void ProblemCounts::add(const std::string& what, std::uint64_t row) {
    TraceProblem& problem = by_what_[what];
    ++problem.rows;
    if (problem.first_rows.size() < kNamedRows) problem.first_rows.push_back(row);
}

void ProblemCounts::report(TraceReport& report) const {
    for (const auto& [what, problem] : by_what_) {
        report.problems.push_back({dataset_, what, problem.rows, problem.first_rows});
    }
}

RowStates::RowStates(const TraceFile& file) {
    const TraceHeader& header = file.contents().header;
    const TokenPos rows = header.token_count;
    done_.assign(rows, 0);
    last_.assign(rows, 0);
    phase_.assign(rows, kPhasePrompt);
    if (const auto& phase = file.contents().tokens.phase) {
        phase_ = file.read_column<std::uint8_t>(*phase, {0, rows});
    }
    const PromptTable& prompts = header.prompts;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        const TokenPos begin = prompts.first_token[p];
        TokenPos last = begin + prompts.token_count[p];
        if (prompts.done[p] == 0 || last == begin) continue;
        std::fill(done_.begin() + static_cast<std::ptrdiff_t>(begin),
                  done_.begin() + static_cast<std::ptrdiff_t>(last), std::uint8_t{1});
        while (last > begin + 1 && phase_[last - 1] == kPhaseUnused) --last;
        last_[last - 1] = 1;
    }
}

void for_each_block(TokenPos rows, std::uint64_t row_bytes,
                    const std::function<void(TokenRange)>& visit) {
    const TokenPos block = std::max<TokenPos>(1, kBlockBytes / std::max<TokenPos>(1, row_bytes));
    for (TokenPos begin = 0; begin < rows; begin += block) {
        visit({begin, std::min(rows, begin + block)});
    }
}

}  // namespace alluvium
