#include "analysis/prompt_units.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

namespace alluvium {
namespace {

// Each once.
std::vector<std::int32_t> labels_of(const std::vector<std::uint32_t>& prompts,
                                    const std::vector<std::int32_t>& labels) {
    std::vector<std::int32_t> found;
    for (const std::uint32_t p : prompts) found.push_back(labels[p]);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

// [groups] number of units that hold the label.
std::vector<std::size_t> units_per_label(const PromptUnits& units) {
    std::vector<std::size_t> count(units.groups, 0);
    for (const auto& prompts : units.prompts) {
        for (const std::int32_t label : labels_of(prompts, units.labels)) {
            ++count[static_cast<std::size_t>(label)];
        }
    }
    return count;
}

void explain_limits(PromptUnits& units, const Grouping& grouping) {
    const std::vector<std::size_t> count = units_per_label(units);
    units.present = static_cast<std::size_t>(
        std::count_if(count.begin(), count.end(), [](std::size_t n) { return n > 0; }));
    if (units.present < 2) {
        units.no_interval = units.no_permutation = "a single group: nothing to compare it with";
        return;
    }
    const auto once = std::find(count.begin(), count.end(), 1u);
    if (once != count.end()) {
        const auto g = static_cast<std::size_t>(once - count.begin());
        units.no_interval = "'" + grouping.labels[g] + "' has only one of the " +
                            units.unit_name() +
                            ", so nothing of it can be left out to see how uncertain it is";
    }
    if (*std::max_element(count.begin(), count.end()) < 2) {
        units.no_permutation = "every label has only one of the " + units.unit_name() +
                               ": permuting the labels changes nothing";
    }
}

void set_strata(PromptUnits& units) {
    units.stratum.assign(units.size(), 0);
    if (units.crossed) return;
    // Strata are numbered without gaps: a label without a unit is no stratum.
    std::map<std::int32_t, std::int32_t> number;
    for (const auto& prompts : units.prompts) number.emplace(units.labels[prompts.front()], 0);
    std::int32_t next = 0;
    for (auto& [label, stratum] : number) stratum = next++;
    for (std::size_t u = 0; u < units.size(); ++u) {
        units.stratum[u] = number.at(units.labels[units.prompts[u].front()]);
    }
}

}  // namespace

std::string PromptUnits::unit_name() const {
    return any_translation_group ? "translation groups" : "prompts";
}

PromptUnits make_units(const PromptTable& table, const Grouping& grouping,
                       const TokenSelection& selection) {
    PromptUnits units;
    units.groups = grouping.labels.size();
    units.labels.assign(table.size(), kUnlabelled);
    std::unordered_map<std::string_view, std::size_t> unit_of_group;
    for (std::size_t p = 0; p < table.size(); ++p) {
        if (selection.prompts[p].selected == 0) continue;
        units.labels[p] = grouping.of_row[p];
        const std::string_view group =
            table.group.empty() ? std::string_view() : std::string_view(table.group[p]);
        std::size_t unit = units.size();
        if (!group.empty()) {
            units.any_translation_group = true;
            unit = unit_of_group.emplace(group, unit).first->second;
        }
        if (unit == units.size()) units.prompts.emplace_back();
        units.prompts[unit].push_back(static_cast<std::uint32_t>(p));
    }
    units.crossed = std::any_of(
        units.prompts.begin(), units.prompts.end(),
        [&](const auto& prompts) { return labels_of(prompts, units.labels).size() > 1; });
    set_strata(units);
    explain_limits(units, grouping);
    return units;
}

}  // namespace alluvium
