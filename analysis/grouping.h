#pragma once
// Which group every prompt belongs to.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "captures/routing_trace.h"

namespace alluvium {

inline constexpr std::int32_t kUnlabelled = -1;

struct Grouping {
    std::string by;
    std::vector<std::string> labels;   // sorted; by prompt: in file order
    std::vector<std::int32_t> of_row;  // [prompts], for kind = counts [count groups]; -1: no label
};

// `by`: language, family, branch, script or resource (of the prompt's language,
// assets/languages.json), domain, prompt, or the name of a further column. Prompts whose cell is
// empty, or whose language the table does not know, have no label and are left out. For kind =
// counts the rows are the count groups, whose labels are taken for languages. UserError where the
// trace has no such column, names those it has; and where no prompt has a label.
Grouping group_rows(const TraceHeader& header, const std::string& by);

}  // namespace alluvium
