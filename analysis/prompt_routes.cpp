#include "analysis/prompt_routes.h"

#include <algorithm>
#include <set>

#include "analysis/class_split_trace.h"
#include "analysis/sample.h"
#include "analysis/search/text_context.h"
#include "base/error.h"
#include "captures/generated_text.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

// [tokens of the prompt] 1: selected.
std::vector<std::uint8_t> counted_of(const TokenSelection& selection, std::uint32_t prompt,
                                     TokenRange range) {
    std::vector<std::uint8_t> counted(range.size(), 0);
    for (const TokenRun& run : selection.runs) {
        if (run.prompt != prompt) continue;
        for (TokenPos t = run.begin; t < run.end; ++t) counted[t - range.begin] = 1;
    }
    return counted;
}

PromptRoutes read_prompt(const RoutingTrace& trace, std::size_t routed, const Sample& sample,
                         std::uint32_t p) {
    const PromptTable& prompts = trace.header().prompts;
    PromptRoutes result;
    result.id = prompts.id[p];
    result.label = sample.grouping.labels[static_cast<std::size_t>(sample.units.labels[p])];
    if (!prompts.language.empty()) result.language = prompts.language[p];
    const Language* language = LanguageTable::instance().find(result.language);
    result.right_to_left = language != nullptr && language->right_to_left;
    const TokenRange range{prompts.first_token[p], prompts.first_token[p] + prompts.token_count[p]};
    const TokenTable tokens = trace.tokens(range);
    const Grid<ExpertId> experts = trace.experts(routed, range);
    const std::string text = whole_text(prompts, p);
    const std::vector<std::uint8_t> counted = counted_of(sample.selection, p, range);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        const std::uint8_t phase = tokens.phase.empty() ? kPhasePrompt : tokens.phase[t];
        if (phase == kPhaseUnused) continue;
        RoutedToken token;
        token.id = tokens.id[t];
        token.experts.assign(experts.row(t).begin(), experts.row(t).end());
        token.counted = counted[t] != 0;
        if (stands_in_text(tokens, t)) {
            token.text = text_context(text, tokens.byte_begin[t], tokens.byte_end[t], 0).token;
        }
        result.tokens.push_back(std::move(token));
    }
    return result;
}

// The first selected prompt of each wanted label.
std::vector<std::uint32_t> first_prompts(const Sample& sample, const LayerTokensOptions& options) {
    std::vector<std::uint32_t> chosen;
    const auto& labels = sample.grouping.labels;
    for (const std::string& wanted : options.groups) {
        if (std::find(labels.begin(), labels.end(), wanted) == labels.end()) {
            throw UserError("--groups: the trace has no group '" + wanted + "'",
                            "'alluvium analyze' lists the groups");
        }
    }
    for (std::size_t g = 0; g < labels.size(); ++g) {
        const auto& wanted = options.groups;
        const bool listed = std::find(wanted.begin(), wanted.end(), labels[g]) != wanted.end();
        if (wanted.empty() ? chosen.size() >= options.most_groups : !listed) continue;
        const auto at = std::find(sample.units.labels.begin(), sample.units.labels.end(),
                                  static_cast<std::int32_t>(g));
        if (at == sample.units.labels.end()) continue;
        chosen.push_back(static_cast<std::uint32_t>(at - sample.units.labels.begin()));
    }
    return chosen;
}

// The first prompt with tokens of the label in every language.
std::vector<std::uint32_t> first_of_languages(const PromptTable& prompts, const Sample& sample,
                                              std::int32_t label) {
    std::vector<std::uint32_t> first;
    std::set<std::string> seen;
    for (std::uint32_t p = 0; p < sample.units.labels.size(); ++p) {
        if (sample.units.labels[p] != label) continue;
        const std::string language = prompts.language.empty() ? "" : prompts.language[p];
        if (seen.insert(language).second) first.push_back(p);
    }
    return first;
}

// `trace` is split by class. The counted tokens of a class, from its first prompts in turn.
PromptRoutes read_class(const RoutingTrace& trace, std::size_t routed, const Sample& sample,
                        std::uint32_t piece) {
    std::vector<std::vector<RoutedToken>> columns;
    const std::int32_t label = sample.units.labels[piece];
    std::size_t longest = 0;
    for (const std::uint32_t p : first_of_languages(trace.header().prompts, sample, label)) {
        columns.push_back(read_prompt(trace, routed, sample, p).tokens);
        std::erase_if(columns.back(), [](const RoutedToken& token) { return !token.counted; });
        longest = std::max(longest, columns.back().size());
    }
    PromptRoutes row;
    row.label = sample.grouping.labels[static_cast<std::size_t>(label)];
    for (std::size_t t = 0; t < longest; ++t) {
        for (const std::vector<RoutedToken>& column : columns) {
            if (t < column.size()) row.tokens.push_back(column[t]);
        }
    }
    return row;
}

}  // namespace

LayerTokens read_layer_tokens(const RoutingTrace& trace, const LayerTokensOptions& options,
                              const AnalysisOptions& analysis, Progress& progress) {
    if (trace.header().kind != TraceKind::tokens) {
        throw UserError("the trace holds counts per group, no tokens",
                        "capture the prompts again to see their tokens");
    }
    const RoutedLayerInfo& info = trace.layers()[options.routed];
    if (!info.has_experts) {
        throw UserError("the trace does not hold which experts were chosen at layer " +
                            std::to_string(info.layer),
                        "capture again with --record experts");
    }
    const bool by_class = analysis.by == "class";
    progress.start((by_class ? 3 : 2) * trace.header().token_count);
    const GroupedTrace grouped(trace, analysis.by, progress);
    const Sample sample = take_sample(grouped.get(), analysis, progress);
    LayerTokens result;
    result.model = trace.header().model;
    result.by = analysis.by;
    result.where = analysis.where;
    result.layer = info.layer;
    result.experts = info.experts;
    result.top_k = info.top_k;
    result.counted = sample.selection.census.selected;
    result.vocabulary = expert_tokens(grouped.get(), options.routed, sample.selection,
                                      options.per_expert, progress);
    const auto read_row = by_class ? read_class : read_prompt;
    for (const std::uint32_t p : first_prompts(sample, options)) {
        result.prompts.push_back(read_row(grouped.get(), options.routed, sample, p));
    }
    return result;
}

}  // namespace alluvium
