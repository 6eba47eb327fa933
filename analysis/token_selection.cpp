#include "analysis/token_selection.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "analysis/slices/row_filter.h"
#include "base/error.h"

namespace alluvium {
namespace {

// Builds the selection from rows in file order.
class Selector {
  public:
    Selector(const TraceHeader& header, const Grouping& grouping, bool special, bool generated)
        : header_(header), grouping_(grouping), special_(special), generated_(generated) {
        selection_.prompts.resize(header.prompts.size());
    }

    // `slice`: of the same rows; empty: all are in it.
    void add(const TokenTable& tokens, TokenPos first, const SliceMask& slice) {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const std::uint8_t phase = tokens.phase.empty() ? kPhasePrompt : tokens.phase[i];
            if (phase == kPhaseUnused) continue;
            const bool special = !tokens.special.empty() && tokens.special[i] != 0;
            if (!belongs(tokens.prompt[i], phase)) continue;
            if (!special && phase == kPhasePrompt) look_at_text(tokens, i);
            if (special && !special_) {
                ++selection_.census.special;
            } else if (!slice.empty() && slice[i] == 0) {
                ++selection_.census.outside;
            } else {
                select(first + i, tokens.prompt[i]);
            }
        }
    }

    TokenSelection take() { return std::move(selection_); }

  private:
    bool belongs(std::uint32_t prompt, std::uint8_t phase) {
        TokenCensus& census = selection_.census;
        if (phase != kPhasePrompt && !generated_) {
            ++census.generated;
        } else if (prompt >= header_.prompts.size() || grouping_.of_row[prompt] == kUnlabelled) {
            ++census.unlabelled;
        } else if (!header_.prompts.done.empty() && header_.prompts.done[prompt] == 0) {
            ++census.not_done;
        } else {
            return true;
        }
        return false;
    }

    void select(TokenPos row, std::uint32_t prompt) {
        ++selection_.census.selected;
        ++selection_.prompts[prompt].selected;
        selection_.runs.add({row, row + 1, prompt});
    }

    // A token that holds part of a character covers the whole of it, so two tokens that share bytes
    // are both fragments.
    void look_at_text(const TokenTable& tokens, std::size_t i) {
        const std::uint32_t prompt = tokens.prompt[i];
        PromptTokens& counts = selection_.prompts[prompt];
        ++counts.text_tokens;
        const std::uint32_t begin = tokens.byte_begin[i], end = tokens.byte_end[i];
        counts.covered_bytes = std::max(counts.covered_bytes, end);
        const bool follows = last_.known && last_.prompt == prompt;
        const bool overlaps = follows && begin < last_.end && end > last_.begin;
        if (overlaps) {
            counts.fragments += last_.fragment ? 1 : 2;
        }
        last_ = {true, prompt, begin, end, overlaps};
    }

    struct LastToken {
        bool known = false;
        std::uint32_t prompt = 0, begin = 0, end = 0;
        bool fragment = false;
    };

    const TraceHeader& header_;
    const Grouping& grouping_;
    bool special_, generated_;  // whether such tokens count
    LastToken last_;
    TokenSelection selection_;
};

UserError nothing_left(const TokenCensus& census, const std::string& by, const std::string& where) {
    std::string what = "no token of the trace is left to analyse by " + by;
    if (!where.empty()) what += " where " + where;
    if (census.outside > 0) return UserError(what, "ask for less with --where");
    return UserError(what, census.special > 0
                               ? "all are special tokens: add --include-special"
                               : "the capture may have stopped before its first prompt was done");
}

}  // namespace

TokenSelection select_tokens(const RoutingTrace& trace, const Grouping& grouping,
                             const TokenChoice& choice, Progress& progress) {
    const TokenPos rows = trace.header().token_count;
    std::optional<RowFilter> filter;
    if (!choice.where.empty()) filter.emplace(trace, parse_slice(choice.where));
    Selector selector(trace.header(), grouping,
                      choice.include_special || (filter && filter->names_special()),
                      filter && filter->names_phase());
    for (TokenPos first = 0; first < rows; first += kBlockRows) {
        progress.check();
        const TokenRange range{first, std::min(rows, first + kBlockRows)};
        const TokenTable tokens = trace.tokens(range);
        selector.add(tokens, first, filter ? filter->matches({trace, range, tokens}) : SliceMask());
        progress.advance(range.size());
    }
    TokenSelection selection = selector.take();
    if (selection.census.selected == 0) {
        throw nothing_left(selection.census, grouping.by, choice.where);
    }
    return selection;
}

TokenSelection without_rows(const TokenSelection& selection, std::span<const TokenRange> dropped) {
    TokenSelection result = selection;
    result.runs = {};
    std::size_t next = 0;
    for (TokenRun run : selection.runs) {
        while (next < dropped.size() && dropped[next].end <= run.begin) ++next;
        for (std::size_t i = next; i < dropped.size() && dropped[i].begin < run.end; ++i) {
            if (dropped[i].begin > run.begin) {
                result.runs.add({run.begin, dropped[i].begin, run.prompt});
            }
            run.begin = std::min(run.end, std::max(run.begin, dropped[i].end));
        }
        result.runs.add(run);
    }
    for (PromptTokens& prompt : result.prompts) prompt.selected = 0;
    result.census.selected = 0;
    for (const TokenRun& run : result.runs) {
        result.prompts[run.prompt].selected += static_cast<std::uint32_t>(run.end - run.begin);
        result.census.selected += run.end - run.begin;
    }
    return result;
}

}  // namespace alluvium
