#pragma once
// Two traces of the same texts cut by different tokenizers, made comparable.
//
// Row by row two tokenizers have nothing in common, but wherever a token of each ends at the same
// byte of the text, both models have read the same and nothing more. The stretches between such
// places are spans; each span's row is the last token of either tokenizer in it, the one that has
// read all of the span. Tokens that are no text (special, generated, without bytes) are in no span,
// and what follows a prompt's last common end is left out.
#include <memory>
#include <vector>

#include "base/progress.h"
#include "captures/routing_trace.h"

namespace alluvium {

struct ByteAlignment {
    std::vector<TokenPos> row_a, row_b;        // of each span, prompt by prompt
    TokenTable spans;                          // id: that of A's token; bytes: of the whole span
    PromptTable prompts;                       // A's, with the spans as tokens; done in both
    std::uint64_t tokens_a = 0, tokens_b = 0;  // of the text
    std::uint64_t one_to_one = 0;              // spans that are one token of either

    std::size_t size() const { return row_a.size(); }
};

// UserError where a trace has no tokens, the traces have other prompts (says which text differs
// first), prompts were given as ids, or nothing aligns.
ByteAlignment align_bytes(const RoutingTrace& a, const RoutingTrace& b, const Progress& progress);

// The spans' rows of one of the traces (or of a second run of it), as a trace. `alignment` and
// `trace` must outlive it.
class AlignedTrace final : public RoutingTrace {
  public:
    enum class Side { a, b };
    AlignedTrace(const RoutingTrace& trace, const ByteAlignment& alignment, Side side);

    TokenTable tokens(TokenRange range) const override;
    Grid<ExpertId> experts(std::size_t routed, TokenRange range) const override;
    Grid<float> weights(std::size_t routed, TokenRange range) const override;
    Grid<float> logits(std::size_t routed, TokenRange range) const override;
    std::vector<float> margin(std::size_t routed, TokenRange range) const override;
    Grid<ExpertId> random_experts(std::size_t routed, std::uint32_t draw,
                                  TokenRange range) const override;
    Grid<float> hidden(LayerId layer, TokenRange range) const override;
    std::vector<float> next_token_nll(TokenRange range) const override;
    LayerCounts counts(std::size_t routed) const override { return trace_.counts(routed); }

  private:
    // The rows of `range`, of what `read(rows)` gives for the rows of the trace around them.
    template <typename Read>
    auto gather(TokenRange range, Read read) const;

    const RoutingTrace& trace_;
    const ByteAlignment& alignment_;
    const std::vector<TokenPos>& rows_;
};

}  // namespace alluvium
