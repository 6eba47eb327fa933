#pragma once
// Which rows of a trace belong to a slice.
//
// Columns:
//   those of prompt_column() (analysis/grouping.h)      text; < and > compare cells as numbers
//   position                                            number, 0 at the first token of a prompt
//   token                                               number, the token's id
//   class      fragment, digit, punctuation, word (the next two together), word_start,
//              continuation, special, no_text           analysis/token_class.h
//   phase      prompt or 0, generated or 1
//   special    yes or 1, no or 0: added by the template or tokenizer
//   margin     number: the k-th minus the (k+1)-th selection score, the smallest over the layers
//              that the slice's routes name; L22.margin: at layer 22
//
// A language equals every label of the same language (fr, fra, fra_Latn). A comparison with a
// missing value (a margin that was not recorded, a cell that is no number) is false, whatever the
// operator; "not" turns it round. Rows whose experts are missing at a layer took no route there.
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "analysis/slices/slice.h"
#include "captures/routing_trace.h"

namespace alluvium {

// One byte per row (or prompt); 1: belongs to the slice.
using SliceMask = std::vector<std::uint8_t>;

// Consecutive rows of a trace, whose token columns are read when first asked for, if ever.
class SliceBlock {
  public:
    SliceBlock(const RoutingTrace& trace, TokenRange range) : trace_(trace), range_(range) {}
    // `tokens`: the rows' columns, already read.
    SliceBlock(const RoutingTrace& trace, TokenRange range, const TokenTable& tokens)
        : trace_(trace), range_(range), tokens_(&tokens) {}

    TokenRange range() const { return range_; }
    std::size_t size() const { return range_.size(); }
    const TokenTable& tokens() const {
        if (tokens_ != nullptr) return *tokens_;
        if (!read_) read_ = trace_.tokens(range_);
        return *read_;
    }

  private:
    const RoutingTrace& trace_;
    TokenRange range_;
    const TokenTable* tokens_ = nullptr;
    mutable std::optional<TokenTable> read_;
};

class RowFilter {
  public:
    // `trace` must outlive it. UserError marks what the trace does not have or cannot compare.
    RowFilter(const RoutingTrace& trace, const Slice& slice);
    // A part of the slice alone.
    RowFilter(const RoutingTrace& trace, const Slice& slice, const SliceNode& node);

    SliceMask matches(const SliceBlock& block) const { return test_(block); }

    // Whether the slice says itself which tokens of the template or of which phase it wants.
    bool names_special() const { return names_special_; }
    bool names_phase() const { return names_phase_; }

  private:
    std::function<SliceMask(const SliceBlock&)> test_;
    bool names_special_ = false, names_phase_ = false;
};

// What one comparison is about.
enum class SliceColumn { prompt, position, token, token_class, phase, special, margin };

// UserError marks a column that the trace does not have.
SliceColumn column_of(const TraceHeader& header, const Slice& slice, const SliceNode& comparison);

// [prompts] (for kind = counts [count groups]) for a comparison with SliceColumn::prompt.
SliceMask matching_prompts(const TraceHeader& header, const Slice& slice,
                           const SliceNode& comparison);

// The same for a slice that names nothing but prompt columns; UserError marks what else it names.
SliceMask matching_prompts(const TraceHeader& header, const Slice& slice);

// Of kTokenClasses: which are meant. UserError marks a class that is unknown.
SliceMask matching_classes(const Slice& slice, const SliceNode& comparison);

// Index among the trace's routed layers. UserError marks a layer without a router, or an expert
// that the layer does not have.
std::size_t routed_layer(const RoutingTrace& trace, const Slice& slice, const RouteStep& step);

}  // namespace alluvium
