#include "analysis/sample.h"

#include <algorithm>
#include <utility>

#include "analysis/text_statistics.h"
#include "captures/prompt_file.h"

namespace alluvium {
namespace {

std::string recorded(const TraceHeader& header, const std::string& entry) {
    const auto found = header.provenance.find(entry);
    return found == header.provenance.end() ? std::string() : found->second;
}

GroupSample describe_group(const TraceHeader& header, const TokenSelection& selection,
                           std::span<const std::uint32_t> prompts) {
    GroupSample group;
    group.prompts = prompts.size();
    for (const std::uint32_t p : prompts) group.tokens += selection.prompts[p].selected;
    const TextStatistics text = text_statistics(header.prompts, selection, prompts);
    group.fertility = text.fertility;
    group.tokens_per_character = text.tokens_per_character;
    group.byte_fragments = text.byte_fragments;
    return group;
}

}  // namespace

std::string prompt_set_of(const TraceHeader& header) {
    if (std::string set = recorded(header, "prompt_set"); !set.empty()) return set;
    const PromptTable& table = header.prompts;
    std::vector<Prompt> prompts(table.size());
    for (std::size_t p = 0; p < prompts.size(); ++p) {
        if (table.text[p].empty()) return {};
        prompts[p].text = table.text[p];
        if (!table.language.empty()) prompts[p].language = table.language[p];
        if (!table.group.empty()) prompts[p].group = table.group[p];
    }
    return prompt_set_hash(prompts);
}

Sample take_sample(const RoutingTrace& trace, const AnalysisOptions& options, Progress& progress) {
    Grouping grouping = group_rows(trace.header(), options.by);
    TokenSelection selection =
        select_tokens(trace, grouping, {options.include_special, options.where}, progress);
    PromptUnits units = make_units(trace.header().prompts, grouping, selection);
    return {std::move(grouping), std::move(selection), std::move(units), options.where};
}

void describe_sample(const TraceHeader& header, const Sample& sample, Analysis& analysis) {
    const PromptUnits& units = sample.units;
    analysis.census = sample.selection.census;
    std::vector<std::vector<std::uint32_t>> prompts(units.groups);
    for (std::size_t p = 0; p < units.labels.size(); ++p) {
        if (units.labels[p] < 0) continue;
        prompts[static_cast<std::size_t>(units.labels[p])].push_back(static_cast<std::uint32_t>(p));
        ++analysis.design.prompts;
    }
    for (std::size_t g = 0; g < units.groups; ++g) {
        analysis.groups.push_back(describe_group(header, sample.selection, prompts[g]));
        analysis.groups.back().label = sample.grouping.labels[g];
    }
    analysis.design.units = units.size();
    analysis.design.unit_name = units.unit_name();
    analysis.design.parallel = units.crossed;
    analysis.design.prompt_set = prompt_set_of(header);
    analysis.design.prompt_set_name = recorded(header, "prompt_set_name");
}

std::vector<std::uint64_t> tokens_by_group(std::span<const std::uint32_t> prompt_tokens,
                                           const PromptUnits& units) {
    std::vector<std::uint64_t> tokens(units.groups, 0);
    for (std::size_t p = 0; p < units.labels.size(); ++p) {
        if (units.labels[p] >= 0) {
            tokens[static_cast<std::size_t>(units.labels[p])] += prompt_tokens[p];
        }
    }
    return tokens;
}

}  // namespace alluvium
