#include <algorithm>
#include <numeric>
#include <set>

#include "base/utf8.h"
#include "captures/validation/checks.h"

namespace alluvium {
namespace {

void check_texts(const std::string& dataset, const std::vector<std::string>& column,
                 TraceReport& report) {
    ProblemCounts problems(dataset);
    for (std::size_t p = 0; p < column.size(); ++p) {
        if (first_invalid_utf8(column[p])) problems.add("malformed UTF-8", p);
    }
    problems.report(report);
}

void check_ids(const PromptTable& prompts, TraceReport& report) {
    ProblemCounts problems("prompts/id");
    std::set<std::string> seen;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        if (!seen.insert(prompts.id[p]).second) problems.add("an id used before", p);
    }
    problems.report(report);
}

void check_flags(const std::string& dataset, const std::vector<std::uint8_t>& column,
                 TraceReport& report) {
    ProblemCounts problems(dataset);
    for (std::size_t p = 0; p < column.size(); ++p) {
        if (column[p] > 1) problems.add("a flag that is neither 0 nor 1", p);
    }
    problems.report(report);
}

// Every token belongs to exactly one prompt.
void check_ranges(const TraceHeader& header, TraceReport& report) {
    const PromptTable& prompts = header.prompts;
    std::vector<std::size_t> order(prompts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t p) { return prompts.first_token[p]; });
    ProblemCounts problems("prompts/first_token");
    ProblemCounts gaps("tokens/prompt");
    TokenPos covered = 0;
    for (const std::size_t p : order) {
        if (prompts.token_count[p] == 0) continue;
        if (prompts.first_token[p] < covered) problems.add("tokens of another prompt", p);
        if (prompts.first_token[p] > covered) gaps.add("no prompt (start of a gap)", covered);
        covered = std::max(covered, prompts.first_token[p] + prompts.token_count[p]);
    }
    if (covered < header.token_count) gaps.add("no prompt (start of a gap)", covered);
    problems.report(report);
    gaps.report(report);
}

}  // namespace

void check_prompts(const TraceFile& file, TraceReport& report) {
    const TraceHeader& header = file.contents().header;
    const PromptTable& prompts = header.prompts;
    check_texts("prompts/id", prompts.id, report);
    check_texts("prompts/text", prompts.text, report);
    check_texts("prompts/language", prompts.language, report);
    check_texts("prompts/group", prompts.group, report);
    check_texts("prompts/domain", prompts.domain, report);
    for (const auto& [name, column] : prompts.extra) {
        check_texts("prompts/extra/" + name, column, report);
    }
    check_ids(prompts, report);
    check_flags("prompts/done", prompts.done, report);
    check_flags("prompts/truncated", prompts.truncated, report);
    check_ranges(header, report);
}

}  // namespace alluvium
