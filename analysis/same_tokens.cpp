#include <algorithm>

#include "analysis/comparison.h"
#include "analysis/token_selection.h"
#include "base/error.h"

namespace alluvium {
namespace {

std::string name_of(const RoutingTrace& trace) {
    return trace.header().path.empty() ? "a trace" : "'" + trace.header().path + "'";
}

[[noreturn]] void refuse(const std::string& what) {
    throw UserError("the traces are not of the same tokens: " + what,
                    "capture both checkpoints with the same prompts, tokenizer and options; other "
                    "tokenizers: --align bytes");
}

std::string token_text(const TokenTable& tokens, std::size_t i) {
    return "token " + std::to_string(tokens.id[i]) + " of prompt " +
           std::to_string(tokens.prompt[i]);
}

}  // namespace

void require_same_tokens(const RoutingTrace& a, const RoutingTrace& b, const Progress& progress) {
    const TraceHeader &ha = a.header(), &hb = b.header();
    if (ha.kind != TraceKind::tokens || hb.kind != TraceKind::tokens) {
        throw UserError("compare needs traces of tokens; " +
                            name_of(ha.kind == TraceKind::tokens ? b : a) +
                            " holds counts per group",
                        "'alluvium capture' makes traces of tokens");
    }
    if (ha.token_count != hb.token_count) {
        refuse(name_of(a) + " has " + std::to_string(ha.token_count) + ", " + name_of(b) + " " +
               std::to_string(hb.token_count));
    }
    for (TokenPos first = 0; first < ha.token_count; first += kBlockRows) {
        progress.check();
        const TokenRange range{first, std::min(ha.token_count, first + kBlockRows)};
        const TokenTable ta = a.tokens(range), tb = b.tokens(range);
        for (std::size_t i = 0; i < ta.size(); ++i) {
            if (ta.id[i] == tb.id[i] && ta.prompt[i] == tb.prompt[i]) continue;
            refuse("row " + std::to_string(first + i) + " is " + token_text(ta, i) + " in " +
                   name_of(a) + " and " + token_text(tb, i) + " in " + name_of(b));
        }
    }
}

}  // namespace alluvium
