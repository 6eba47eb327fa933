#pragma once
// Which group every prompt belongs to.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "captures/routing_trace.h"

namespace alluvium {

inline constexpr std::int32_t kUnlabelled = -1;

struct Grouping {
    std::string by;
    std::vector<std::string> labels;   // sorted; by prompt: in file order
    std::vector<std::int32_t> of_row;  // [prompts], for kind = counts [count groups]; -1: no label
};

// What a trace says about each prompt under `name`: language, family, branch, script, resource
// (high, medium, low) or level (major, minor) of the prompt's language (assets/languages.json),
// domain, group, prompt (or id: the prompt's id), or a further column of the prompt file. Empty
// where it says nothing, also for languages that the table does not know. For kind = counts the
// rows are the count groups, whose labels are taken for languages. Nothing: no such column.
std::optional<std::vector<std::string>> prompt_column(const TraceHeader& header,
                                                      const std::string& name);
// "language, family, ..." for hints.
std::string prompt_column_names(const TraceHeader& header);

// `by`: a prompt_column(). Prompts whose cell is empty have no label and are left out. UserError
// where the trace has no such column, names those it has; and where no prompt has a label.
Grouping group_rows(const TraceHeader& header, const std::string& by);

}  // namespace alluvium
