#include "analysis/pairs/routed_text.h"

#include <algorithm>
#include <map>

#include "analysis/estimate.h"

namespace alluvium {
namespace {

bool missing(std::span<const ExpertId> chosen) {
    return chosen.empty() || chosen.front() == kMissingExpert;
}

double agreement(std::span<const ExpertId> a, std::span<const ExpertId> b) {
    const auto common = std::count_if(a.begin(), a.end(), [b](ExpertId e) {
        return std::find(b.begin(), b.end(), e) != b.end();
    });
    return static_cast<double>(common) / static_cast<double>(a.size());
}

// Share of the selections of each expert; empty where nothing was chosen.
std::map<ExpertId, double> shares(const Grid<ExpertId>& experts,
                                  std::span<const std::size_t> rows) {
    std::map<ExpertId, double> share;
    double total = 0;
    for (const std::size_t row : rows) {
        if (missing(experts.row(row))) continue;
        for (const ExpertId e : experts.row(row)) share[e] += 1, total += 1;
    }
    for (auto& [expert, value] : share) value /= total;
    return share;
}

}  // namespace

RoutedText read_routed_text(const RoutingTrace& trace, std::size_t prompt) {
    const PromptTable& prompts = trace.header().prompts;
    const TokenPos first = prompts.first_token[prompt];
    TokenRange range{first, first + prompts.token_count[prompt]};
    const TokenTable all = trace.tokens(range);
    const auto generated = std::find_if(all.phase.begin(), all.phase.end(),
                                        [](std::uint8_t phase) { return phase != kPhasePrompt; });
    range.end = first + static_cast<TokenPos>(generated - all.phase.begin());
    RoutedText text{prompts.text[prompt], prompts.language[prompt], trace.tokens(range), {}};
    for (std::size_t layer = 0; layer < trace.layers().size(); ++layer) {
        text.experts.push_back(trace.experts(layer, range));
    }
    return text;
}

std::vector<std::size_t> tokens_of(const RoutedText& text, const TextSpan& span) {
    std::vector<std::size_t> indexes;
    const TokenTable& tokens = text.tokens;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        const std::uint32_t begin = tokens.byte_begin[t], end = tokens.byte_end[t];
        if (tokens.special[t] != 0 || begin >= end) continue;
        if (begin >= span.begin && begin < span.end) indexes.push_back(t);
    }
    return indexes;
}

std::vector<std::pair<std::size_t, std::size_t>> tokens_beside(
    const RoutedText& a, const TextSpan& span_a, std::span<const std::size_t> in_a,
    const RoutedText& b, const TextSpan& span_b, std::span<const std::size_t> in_b) {
    // From the word on: white space before it may differ.
    const auto place = [](const RoutedText& text, const TextSpan& span, std::size_t t) {
        const auto from = static_cast<std::int64_t>(span.word);
        return std::tuple(text.tokens.byte_begin[t] - from, text.tokens.byte_end[t] - from,
                          text.tokens.id[t]);
    };
    std::vector<std::pair<std::size_t, std::size_t>> beside;
    std::size_t next = 0;
    for (const std::size_t t : in_a) {
        const auto wanted = place(a, span_a, t);
        for (std::size_t j = next; j < in_b.size(); ++j) {
            if (place(b, span_b, in_b[j]) != wanted) continue;
            beside.emplace_back(t, in_b[j]);
            next = j + 1;
            break;
        }
    }
    return beside;
}

std::size_t equal_start(const TokenTable& a, const TokenTable& b) {
    std::size_t t = 0;
    while (t < std::min(a.size(), b.size()) && a.id[t] == b.id[t] &&
           a.byte_begin[t] == b.byte_begin[t] && a.byte_end[t] == b.byte_end[t]) {
        ++t;
    }
    return t;
}

std::uint64_t unequal_choices(const Grid<ExpertId>& a, const Grid<ExpertId>& b,
                              std::size_t tokens) {
    std::uint64_t unequal = 0;
    for (std::size_t t = 0; t < tokens; ++t) {
        if (missing(a.row(t)) || missing(b.row(t))) continue;
        unequal += agreement(a.row(t), b.row(t)) < 1 ? 1 : 0;
    }
    return unequal;
}

double mean_change(const Grid<ExpertId>& a, const Grid<ExpertId>& b,
                   std::span<const std::pair<std::size_t, std::size_t>> rows) {
    double total = 0;
    std::size_t count = 0;
    for (const auto& [row_a, row_b] : rows) {
        if (missing(a.row(row_a)) || missing(b.row(row_b))) continue;
        total += 1 - agreement(a.row(row_a), b.row(row_b));
        ++count;
    }
    return count == 0 ? kMissing : total / static_cast<double>(count);
}

double share_change(const Grid<ExpertId>& a, std::span<const std::size_t> rows_a,
                    const Grid<ExpertId>& b, std::span<const std::size_t> rows_b) {
    const std::map<ExpertId, double> in_a = shares(a, rows_a), in_b = shares(b, rows_b);
    if (in_a.empty() || in_b.empty()) return kMissing;
    double common = 0;
    for (const auto& [expert, share] : in_a) {
        const auto found = in_b.find(expert);
        if (found != in_b.end()) common += std::min(share, found->second);
    }
    return 1 - common;
}

}  // namespace alluvium
