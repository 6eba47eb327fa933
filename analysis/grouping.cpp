#include "analysis/grouping.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

using LanguageField = std::string Language::*;

// The column of languages.json that `by` names, or nullptr.
LanguageField language_field(std::string_view by) {
    if (by == "family") return &Language::family;
    if (by == "branch") return &Language::branch;
    if (by == "script") return &Language::script;
    if (by == "resource") return &Language::resource;
    return nullptr;
}

std::vector<std::string> property_of(const std::vector<std::string>& languages,
                                     LanguageField field) {
    const LanguageTable& table = LanguageTable::instance();
    std::vector<std::string> column;
    column.reserve(languages.size());
    for (const std::string& label : languages) {
        const Language* language = table.find(label);
        column.push_back(language == nullptr ? std::string() : language->*field);
    }
    return column;
}

[[noreturn]] void no_such_column(const TraceHeader& header, const std::string& by) {
    std::string known = "language, family, branch, script, resource";
    if (header.kind == TraceKind::tokens) {
        known += ", domain, prompt";
        for (const auto& [name, column] : header.prompts.extra) known += ", " + name;
    }
    throw UserError("--by '" + by + "': the trace has no such column", "use one of " + known);
}

std::vector<std::string> column_of(const TraceHeader& header, const std::string& by) {
    const bool counts = header.kind == TraceKind::counts;
    const auto& languages = counts ? header.groups.label : header.prompts.language;
    if (by == "language") return languages;
    if (const LanguageField field = language_field(by)) return property_of(languages, field);
    if (counts) no_such_column(header, by);
    if (by == "domain") return header.prompts.domain;
    if (by == "prompt") return header.prompts.id;
    const auto extra = header.prompts.extra.find(by);
    if (extra == header.prompts.extra.end()) no_such_column(header, by);
    return extra->second;
}

std::vector<std::string> distinct_labels(const std::vector<std::string>& column, bool keep_order) {
    std::vector<std::string> labels;
    std::map<std::string_view, bool> seen;
    for (const std::string& label : column) {
        if (!label.empty() && seen.emplace(label, true).second) labels.push_back(label);
    }
    if (!keep_order) std::sort(labels.begin(), labels.end());
    return labels;
}

}  // namespace

Grouping group_rows(const TraceHeader& header, const std::string& by) {
    const std::vector<std::string> column = column_of(header, by);
    Grouping grouping{by, distinct_labels(column, by == "prompt"), {}};
    if (grouping.labels.empty()) {
        throw UserError("--by '" + by + "': no prompt of the trace has a label in this column",
                        "group by another column, or capture with a prompt file that fills it");
    }
    std::map<std::string_view, std::int32_t> index;
    for (std::size_t g = 0; g < grouping.labels.size(); ++g) {
        index.emplace(grouping.labels[g], static_cast<std::int32_t>(g));
    }
    grouping.of_row.reserve(column.size());
    for (const std::string& label : column) {
        grouping.of_row.push_back(label.empty() ? kUnlabelled : index.at(label));
    }
    return grouping;
}

}  // namespace alluvium
