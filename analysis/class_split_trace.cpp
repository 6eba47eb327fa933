#include "analysis/class_split_trace.h"

#include "analysis/sample.h"
#include "analysis/token_class.h"
#include "analysis/token_selection.h"
#include "base/error.h"

namespace alluvium {
namespace {

constexpr std::uint32_t kNoPiece = ~std::uint32_t{0};

// [prompts * classes] 1: the class occurs in the prompt.
std::vector<std::uint8_t> occurring(const RoutingTrace& trace, Progress& progress) {
    const TokenPos rows = trace.header().token_count;
    std::vector<std::uint8_t> found(trace.header().prompts.size() * kTokenClasses, 0);
    for (TokenPos first = 0; first < rows; first += kBlockRows) {
        progress.check();
        const TokenRange range{first, std::min(rows, first + kBlockRows)};
        const TokenTable tokens = trace.tokens(range);
        const std::vector<TokenClass> classes = classes_of_rows(trace, range);
        for (std::size_t i = 0; i < classes.size(); ++i) {
            const std::size_t at =
                tokens.prompt[i] * kTokenClasses + static_cast<std::size_t>(classes[i]);
            if (at < found.size()) found[at] = 1;
        }
        progress.advance(range.size());
    }
    return found;
}

template <typename T>
void copy_cell(const std::vector<T>& from, std::size_t p, std::vector<T>& to) {
    if (!from.empty()) to.push_back(from[p]);
}

void add_piece(const PromptTable& from, std::size_t p, const std::string& name, PromptTable& to) {
    to.id.push_back(from.id[p]);
    const bool grouped = !from.group.empty() && !from.group[p].empty();
    to.group.push_back(grouped ? from.group[p] : "prompt " + std::to_string(p));
    copy_cell(from.text, p, to.text);
    copy_cell(from.language, p, to.language);
    copy_cell(from.domain, p, to.domain);
    copy_cell(from.first_token, p, to.first_token);
    copy_cell(from.token_count, p, to.token_count);
    copy_cell(from.truncated, p, to.truncated);
    copy_cell(from.done, p, to.done);
    for (const auto& [column, cells] : from.extra) to.extra[column].push_back(cells[p]);
    to.extra["class"].push_back(name);
}

}  // namespace

struct ClassSplitTrace::Pieces {
    TraceHeader header;
    std::vector<std::uint32_t> piece;

    Pieces(const RoutingTrace& trace, Progress& progress) : header(trace.header()) {
        if (header.kind != TraceKind::tokens) {
            throw UserError("--by class: the trace holds counts per group, no tokens",
                            "group by language or what is known of it");
        }
        const PromptTable& prompts = trace.header().prompts;
        const std::vector<std::uint8_t> found = occurring(trace, progress);
        header.provenance["prompt_set"] = prompt_set_of(trace.header());
        header.prompts = PromptTable{};
        piece.assign(found.size(), kNoPiece);
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i] == 0) continue;
            piece[i] = static_cast<std::uint32_t>(header.prompts.size());
            const auto kind = static_cast<TokenClass>(i % kTokenClasses);
            add_piece(prompts, i / kTokenClasses, std::string(to_string(kind)), header.prompts);
        }
    }
};

ClassSplitTrace::ClassSplitTrace(const RoutingTrace& trace, Progress& progress)
    : ClassSplitTrace(trace, Pieces(trace, progress)) {}

ClassSplitTrace::ClassSplitTrace(const RoutingTrace& trace, Pieces pieces)
    : RoutingTrace(std::move(pieces.header)), trace_(trace), piece_(std::move(pieces.piece)) {}

TokenTable ClassSplitTrace::tokens(TokenRange range) const {
    TokenTable tokens = trace_.tokens(range);
    const std::vector<TokenClass> classes = classes_of_rows(trace_, range);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::size_t at =
            tokens.prompt[i] * kTokenClasses + static_cast<std::size_t>(classes[i]);
        tokens.prompt[i] = at < piece_.size() ? piece_[at] : kNoPiece;
    }
    return tokens;
}

}  // namespace alluvium
