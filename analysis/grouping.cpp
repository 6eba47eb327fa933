#include "analysis/grouping.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

using LanguageProperty = std::string (*)(const Language&);

// The property of a language that `name` names, or nullptr.
LanguageProperty language_property(const std::string& name) {
    using Of = const Language&;
    if (name == "family") return [](Of language) { return language.family; };
    if (name == "branch") return [](Of language) { return language.branch; };
    if (name == "script") return [](Of language) { return language.script; };
    if (name == "resource") return [](Of language) { return language.resource; };
    if (name == "level") {
        return [](Of language) { return std::string(language.major ? "major" : "minor"); };
    }
    return nullptr;
}

std::vector<std::string> property_of(const std::vector<std::string>& languages,
                                     LanguageProperty property) {
    const LanguageTable& table = LanguageTable::instance();
    std::vector<std::string> column;
    column.reserve(languages.size());
    for (const std::string& label : languages) {
        const Language* language = table.find(label);
        column.push_back(language == nullptr ? std::string() : property(*language));
    }
    return column;
}

std::vector<std::string> distinct_labels(const std::vector<std::string>& column, bool keep_order) {
    std::vector<std::string> labels;
    std::unordered_set<std::string_view> seen;
    for (const std::string& label : column) {
        if (!label.empty() && seen.insert(label).second) labels.push_back(label);
    }
    if (!keep_order) std::sort(labels.begin(), labels.end());
    return labels;
}

// Foreign traces may leave whole columns out.
std::vector<std::string> filled(std::vector<std::string> column, std::size_t size) {
    column.resize(size);
    return column;
}

}  // namespace

std::optional<std::vector<std::string>> prompt_column(const TraceHeader& header,
                                                      const std::string& name) {
    const bool counts = header.kind == TraceKind::counts;
    const PromptTable& prompts = header.prompts;
    const std::size_t rows = counts ? header.groups.label.size() : prompts.size();
    const auto languages = filled(counts ? header.groups.label : prompts.language, rows);
    if (name == "language") return languages;
    if (const auto property = language_property(name)) return property_of(languages, property);
    if (counts) return {};
    if (name == "domain") return filled(prompts.domain, rows);
    if (name == "group") return filled(prompts.group, rows);
    if (name == "prompt" || name == "id") return prompts.id;
    const auto extra = prompts.extra.find(name);
    if (extra == prompts.extra.end()) return {};
    return extra->second;
}

std::string prompt_column_names(const TraceHeader& header) {
    std::string names = "language, family, branch, script, resource, level";
    if (header.kind == TraceKind::counts) return names;
    names += ", domain, group, prompt";
    for (const auto& [name, column] : header.prompts.extra) names += ", " + name;
    return names;
}

Grouping group_rows(const TraceHeader& header, const std::string& by) {
    const std::optional<std::vector<std::string>> found = prompt_column(header, by);
    if (!found) {
        throw UserError("--by '" + by + "': the trace has no such column",
                        "use one of " + prompt_column_names(header));
    }
    const std::vector<std::string>& column = *found;
    Grouping grouping{by, distinct_labels(column, by == "prompt"), {}};
    if (grouping.labels.empty()) {
        throw UserError("--by '" + by + "': no prompt of the trace has a label in this column",
                        "group by another column, or capture with a prompt file that fills it");
    }
    std::unordered_map<std::string_view, std::int32_t> index;
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
