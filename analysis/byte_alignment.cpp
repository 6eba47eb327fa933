#include "analysis/byte_alignment.h"

#include <algorithm>

#include "base/error.h"

namespace alluvium {
namespace {

std::string name_of(const RoutingTrace& trace) {
    return trace.header().path.empty() ? "a trace" : "'" + trace.header().path + "'";
}

void require_same_texts(const RoutingTrace& a, const RoutingTrace& b) {
    for (const RoutingTrace* trace : {&a, &b}) {
        if (trace->header().kind == TraceKind::tokens) continue;
        throw UserError("--align bytes: " + name_of(*trace) + " holds counts, no tokens");
    }
    const char* hint = "capture both checkpoints with the same prompt file";
    const PromptTable &pa = a.header().prompts, &pb = b.header().prompts;
    if (pa.size() != pb.size()) {
        throw UserError("--align bytes: " + name_of(a) + " has " + std::to_string(pa.size()) +
                            " prompts, " + name_of(b) + " " + std::to_string(pb.size()),
                        hint);
    }
    for (std::size_t p = 0; p < pa.size(); ++p) {
        if (pa.text[p] != pb.text[p]) {
            throw UserError("--align bytes: prompt " + std::to_string(p + 1) + " ('" + pa.id[p] +
                                "') has another text in " + name_of(b),
                            hint);
        }
        if (pa.text[p].empty() && pa.token_count[p] > 0) {
            throw UserError("--align bytes: prompt " + std::to_string(p + 1) + " ('" + pa.id[p] +
                                "') was given as token ids: it has no text to align by",
                            "capture texts");
        }
    }
}

// Where tokens of one prompt end: byte, and the row of the last token that ends there.
struct TokenEnd {
    std::uint32_t byte = 0;
    TokenPos row = 0;
    std::uint64_t tokens = 0;  // of the text up to here
};

// Ends that no later token reaches back over: several tokens of one character all hold the whole
// of it, and only the last of them ends it.
std::vector<TokenEnd> clean_ends(const TokenTable& tokens, TokenPos first) {
    std::vector<TokenEnd> ends;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::uint32_t begin = tokens.byte_begin[i], end = tokens.byte_end[i];
        const bool text = tokens.phase[i] == kPhasePrompt && tokens.special[i] == 0 && end > begin;
        if (!text) continue;
        TokenEnd next{end, first + i, ++count};
        while (!ends.empty() && ends.back().byte > begin) {
            next.byte = std::max(next.byte, ends.back().byte);
            ends.pop_back();
        }
        ends.push_back(next);
    }
    return ends;
}

class Aligner {
  public:
    Aligner(const RoutingTrace& a, const RoutingTrace& b) : a_(a), b_(b) {}

    ByteAlignment run(const Progress& progress) {
        result_.prompts = a_.header().prompts;
        PromptTable& prompts = result_.prompts;
        for (std::size_t p = 0; p < prompts.size(); ++p) {
            progress.check();
            const std::size_t before = result_.size();
            if (a_.header().prompts.done[p] != 0 && b_.header().prompts.done[p] != 0) {
                add_prompt(p);
            } else {
                prompts.done[p] = 0;
            }
            prompts.first_token[p] = before;
            prompts.token_count[p] = static_cast<std::uint32_t>(result_.size() - before);
        }
        return std::move(result_);
    }

  private:
    static TokenRange rows_of(const RoutingTrace& trace, std::size_t p) {
        const PromptTable& prompts = trace.header().prompts;
        return {prompts.first_token[p], prompts.first_token[p] + prompts.token_count[p]};
    }

    void add_prompt(std::size_t p) {
        const TokenRange range = rows_of(a_, p);
        const TokenTable tokens = a_.tokens(range);
        const auto ends_a = clean_ends(tokens, range.begin);
        const auto ends_b = clean_ends(b_.tokens(rows_of(b_, p)), rows_of(b_, p).begin);
        if (!ends_a.empty()) result_.tokens_a += ends_a.back().tokens;
        if (!ends_b.empty()) result_.tokens_b += ends_b.back().tokens;
        TokenEnd last_a, last_b;
        std::uint32_t position = 0;
        auto b = ends_b.begin();
        for (const TokenEnd& end : ends_a) {
            while (b != ends_b.end() && b->byte < end.byte) ++b;
            if (b == ends_b.end()) break;
            if (b->byte != end.byte) continue;
            const bool one = end.tokens == last_a.tokens + 1 && b->tokens == last_b.tokens + 1;
            result_.one_to_one += one ? 1 : 0;
            result_.row_a.push_back(end.row);
            result_.row_b.push_back(b->row);
            TokenTable& spans = result_.spans;
            spans.id.push_back(tokens.id[end.row - range.begin]);
            spans.prompt.push_back(static_cast<std::uint32_t>(p));
            spans.position.push_back(position++);
            spans.byte_begin.push_back(last_a.byte);
            spans.byte_end.push_back(end.byte);
            spans.phase.push_back(kPhasePrompt);
            spans.special.push_back(0);
            last_a = end;
            last_b = *b;
        }
    }

    const RoutingTrace &a_, &b_;
    ByteAlignment result_;
};

template <typename T>
std::vector<T> part(const std::vector<T>& column, TokenRange range) {
    return {column.begin() + static_cast<std::ptrdiff_t>(range.begin),
            column.begin() + static_cast<std::ptrdiff_t>(range.end)};
}

TraceHeader aligned_header(const RoutingTrace& trace, const ByteAlignment& alignment) {
    TraceHeader header = trace.header();
    header.prompts = alignment.prompts;
    header.token_count = alignment.size();
    return header;
}

}  // namespace

ByteAlignment align_bytes(const RoutingTrace& a, const RoutingTrace& b, const Progress& progress) {
    require_same_texts(a, b);
    ByteAlignment alignment = Aligner(a, b).run(progress);
    if (alignment.size() == 0) {
        throw UserError("--align bytes: no token of " + name_of(a) + " ends where one of " +
                            name_of(b) + " does",
                        "do both traces hold byte offsets? 'alluvium check' says what they hold");
    }
    return alignment;
}

AlignedTrace::AlignedTrace(const RoutingTrace& trace, const ByteAlignment& alignment, Side side)
    : RoutingTrace(aligned_header(trace, alignment)),
      trace_(trace),
      alignment_(alignment),
      rows_(side == Side::a ? alignment.row_a : alignment.row_b) {}

template <typename Read>
auto AlignedTrace::gather(TokenRange range, Read read) const {
    const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(range.begin);
    const auto last = rows_.begin() + static_cast<std::ptrdiff_t>(range.end);
    if (first == last) return read(TokenRange{});
    const auto [least, most] = std::minmax_element(first, last);
    const TokenRange around{*least, *most + 1};
    const auto block = read(around);
    auto result = block;
    if constexpr (requires { block.rows(); }) {
        result = std::remove_cvref_t<decltype(block)>(range.size(), block.cols());
        for (std::size_t i = 0; i < range.size(); ++i) {
            std::ranges::copy(block.row(first[static_cast<std::ptrdiff_t>(i)] - around.begin),
                              result.row(i).begin());
        }
    } else {
        result.resize(range.size());
        for (std::size_t i = 0; i < range.size(); ++i) {
            result[i] = block[first[static_cast<std::ptrdiff_t>(i)] - around.begin];
        }
    }
    return result;
}

TokenTable AlignedTrace::tokens(TokenRange range) const {
    const TokenTable& all = alignment_.spans;
    return {part(all.id, range),         part(all.prompt, range),   part(all.position, range),
            part(all.byte_begin, range), part(all.byte_end, range), part(all.phase, range),
            part(all.special, range)};
}

Grid<ExpertId> AlignedTrace::experts(std::size_t routed, TokenRange range) const {
    return gather(range, [&](TokenRange rows) { return trace_.experts(routed, rows); });
}

Grid<float> AlignedTrace::weights(std::size_t routed, TokenRange range) const {
    return gather(range, [&](TokenRange rows) { return trace_.weights(routed, rows); });
}

Grid<float> AlignedTrace::logits(std::size_t routed, TokenRange range) const {
    return gather(range, [&](TokenRange rows) { return trace_.logits(routed, rows); });
}

std::vector<float> AlignedTrace::margin(std::size_t routed, TokenRange range) const {
    return gather(range, [&](TokenRange rows) { return trace_.margin(routed, rows); });
}

Grid<ExpertId> AlignedTrace::random_experts(std::size_t routed, std::uint32_t draw,
                                            TokenRange range) const {
    return gather(range,
                  [&](TokenRange rows) { return trace_.random_experts(routed, draw, rows); });
}

Grid<float> AlignedTrace::hidden(LayerId layer, TokenRange range) const {
    return gather(range, [&](TokenRange rows) { return trace_.hidden(layer, rows); });
}

std::vector<float> AlignedTrace::next_token_nll(TokenRange range) const {
    return gather(range, [&](TokenRange rows) { return trace_.next_token_nll(rows); });
}

}  // namespace alluvium
