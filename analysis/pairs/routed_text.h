#pragma once
// One prompt of a trace with everything its routers chose, and how far the choices of two prompts
// agree.
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/pairs/align_texts.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct RoutedText {
    std::string text, language;
    TokenTable tokens;                    // of the prompt, none that were generated
    std::vector<Grid<ExpertId>> experts;  // [routed layers][tokens, k]
};

RoutedText read_routed_text(const RoutingTrace& trace, std::size_t prompt);

// Indexes of the tokens that begin in the span, its white space included, ascending. Special tokens
// are of no span.
std::vector<std::size_t> tokens_of(const RoutedText& text, const TextSpan& span);

// Of the tokens `in_a` and `in_b` of equal words those with the same id at the same place of the
// word.
std::vector<std::pair<std::size_t, std::size_t>> tokens_beside(
    const RoutedText& a, const TextSpan& span_a, std::span<const std::size_t> in_a,
    const RoutedText& b, const TextSpan& span_b, std::span<const std::size_t> in_b);

// How many tokens at the start are the same: ids and bytes.
std::size_t equal_start(const TokenTable& a, const TokenTable& b);

// Of the first `tokens` rows those with another set of experts.
std::uint64_t unequal_choices(const Grid<ExpertId>& a, const Grid<ExpertId>& b, std::size_t tokens);

// Mean of 1 - |S_a n S_b| / k over pairs of rows; rows with missing choices are left out. Missing
// where no pair is left.
double mean_change(const Grid<ExpertId>& a, const Grid<ExpertId>& b,
                   std::span<const std::pair<std::size_t, std::size_t>> rows);

// 1 - sum_e min(p_a(e), p_b(e)) of the shares of selections. Missing where a side has no choice.
double share_change(const Grid<ExpertId>& a, std::span<const std::size_t> rows_a,
                    const Grid<ExpertId>& b, std::span<const std::size_t> rows_b);

}  // namespace alluvium
