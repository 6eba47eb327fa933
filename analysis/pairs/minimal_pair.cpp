#include "analysis/pairs/minimal_pair.h"

#include <algorithm>
#include <cmath>

#include "analysis/number_text.h"
#include "analysis/pairs/routed_text.h"
#include "base/error.h"

namespace alluvium {
namespace {

struct PairRows {
    std::size_t a = 0, b = 0;
    std::vector<std::size_t> neutral;
};

// Rows of the prompt table. UserError where they are not those of a pair.
PairRows pair_rows(const TraceHeader& header) {
    const auto column = header.prompts.extra.find(kPairColumn);
    const UserError none("this trace holds no minimal pair",
                         "'alluvium pairs CHECKPOINT --text ... --against ...' captures one");
    if (header.kind != TraceKind::tokens || column == header.prompts.extra.end()) throw none;
    PairRows rows;
    std::size_t a = 0, b = 0;
    for (std::size_t p = 0; p < header.prompts.size(); ++p) {
        if (column->second[p] == kFirstOfPair) ++a, rows.a = p;
        if (column->second[p] == kSecondOfPair) ++b, rows.b = p;
        if (column->second[p] == kNeutralEdit) rows.neutral.push_back(p);
    }
    if (a != 1 || b != 1) throw none;
    if (header.layers.empty()) {
        throw UserError("the trace holds no routing",
                        "record the experts of a Mixture-of-Experts model");
    }
    return rows;
}

// What is compared of one span: tokens side by side, or all tokens of one side with all of the
// other.
struct SpanTokens {
    std::vector<std::pair<std::size_t, std::size_t>> beside;
    std::vector<std::size_t> a, b;
    bool equal = false;
};

double change_in(const RoutedText& a, const RoutedText& b, std::size_t layer,
                 const SpanTokens& span) {
    return span.equal ? mean_change(a.experts[layer], b.experts[layer], span.beside)
                      : share_change(a.experts[layer], span.a, b.experts[layer], span.b);
}

// The spans of a pair as the first text against another one.
class Comparison {
  public:
    // `spans` are those of the pair; their words in `b` are found where `b` is a neutral edit.
    Comparison(const RoutedText& a, const RoutedText& b, const std::vector<SpanPair>& spans,
               std::size_t first_change)
        : a_(a), b_(b) {
        for (const SpanPair& span : spans) {
            spans_.push_back({.beside = {},
                              .a = tokens_of(a, span.a),
                              .b = tokens_of(b, span.b),
                              .equal = span.equal});
            SpanTokens& tokens = spans_.back();
            if (!span.equal) continue;
            tokens.beside = tokens_beside(a, span.a, tokens.a, b, span.b, tokens.b);
            for (const auto& pair : tokens.beside) {
                if (pair.first >= first_change) after_.push_back(pair);
            }
        }
    }

    const std::vector<SpanTokens>& spans() const { return spans_; }
    std::size_t tokens_after() const { return after_.size(); }
    double change(std::size_t layer, std::size_t span) const {
        return change_in(a_, b_, layer, spans_[span]);
    }
    double after(std::size_t layer) const {
        return mean_change(a_.experts[layer], b_.experts[layer], after_);
    }

  private:
    const RoutedText& a_;
    const RoutedText& b_;
    std::vector<SpanTokens> spans_;
    std::vector<std::pair<std::size_t, std::size_t>> after_;
};

// The spans of the pair with the places of their words in an edit that leaves all words: where a
// span's words are the same in a and b, tokens are compared side by side, else share by share, as
// in the pair.
std::vector<SpanPair> in_neutral_edit(const std::vector<SpanPair>& spans, const RoutedText& a,
                                      const RoutedText& edit) {
    std::vector<SpanPair> places;
    const std::vector<SpanPair> words = align_texts(a.text, edit.text);
    for (const SpanPair& span : spans) {
        SpanPair place{span.a, {}, span.equal};
        for (const SpanPair& word : words) {
            if (!word.equal || word.a.begin < span.a.begin || word.a.end > span.a.end) continue;
            if (place.b.empty()) place.b = word.b;
            place.b.end = word.b.end;
        }
        places.push_back(place);
    }
    return places;
}

SpanChange summarise(double change, const std::vector<double>& floor) {
    SpanChange result{.change = change};
    double total = 0;
    for (const double value : floor) {
        if (!std::isfinite(value)) continue;
        total += value;
        result.floor_max = result.controls == 0 ? value : std::max(result.floor_max, value);
        ++result.controls;
        // Means of the same numbers added in another order are equal.
        constexpr double kRounding = 1e-12;
        result.at_least += value >= change - kRounding ? 1 : 0;
    }
    if (result.controls > 0) result.floor_mean = total / static_cast<double>(result.controls);
    return result;
}

double mean_of(const std::vector<double>& values) {
    double total = 0;
    for (const double value : values) total += value;
    return values.empty() ? kMissing : total / static_cast<double>(values.size());
}

std::string percent(double share) {
    return fixed_text(100 * share, 1) + " %";
}

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// English words between those of the texts, which may run from right to left.
std::string what_changed(const MinimalPair& pair) {
    constexpr std::size_t kNamed = 3;
    std::string text;
    std::size_t changed = 0;
    for (const PairSpan& span : pair.spans) {
        if (!span.changed || ++changed > kNamed) continue;
        text += changed == 1 ? "Changed: " : ", then ";
        text += span.a.empty() ? "added '" + span.b + "'" : "'" + span.a + "'";
        if (!span.a.empty()) text += span.b.empty() ? " left out" : " to '" + span.b + "'";
    }
    if (changed > kNamed) text += " and " + std::to_string(changed - kNamed) + " more";
    return text + ".";
}

std::string verdict(const MinimalPair& pair) {
    const SpanChange& after = pair.after;
    if (pair.tokens_after == 0) return " No token that both texts have stands behind the change.";
    std::string text = " Of the " + counted(pair.tokens_after, "token") + " behind it " +
                       percent(after.change) +
                       " of the chosen experts are others, mean over layers; after " +
                       counted(after.controls, "edit") + " that leave all words " +
                       percent(after.floor_mean) + ", at most " + percent(after.floor_max) + ": ";
    if (!after.beyond_floor()) {
        return text + "inconclusive, " + std::to_string(after.at_least) +
               " of these edits change as much.";
    }
    std::string layers;
    for (const PairLayer& layer : pair.layers) {
        if (!layer.after.beyond_floor()) continue;
        layers += (layers.empty() ? "" : ", ") + std::to_string(layer.layer);
    }
    text +=
        "beyond the floor (p = " + fixed_text(1.0 / static_cast<double>(after.controls + 1)) + ")";
    return text +
           (layers.empty() ? ", in no single layer." : ", also in layers " + layers + " alone.");
}

std::string before_sentence(const MinimalPair& pair) {
    if (pair.tokens_before == 0) return {};
    const bool one = pair.tokens_before == 1;
    const std::string tokens = " The " + counted(pair.tokens_before, "token") + " before it ";
    if (pair.unequal_before == 0) {
        return tokens + (one ? "is" : "are") + " routed alike in every layer.";
    }
    return tokens + "should be routed alike, but " + counted(pair.unequal_before, "choice") +
           (pair.unequal_before == 1 ? " differs" : " differ") +
           ": so much is the arithmetic's doing.";
}

MinimalPair describe(const RoutingTrace& trace, const RoutedText& a, const RoutedText& b) {
    MinimalPair pair{.path = trace.header().path,
                     .model = trace.header().model,
                     .texts = {a.text, b.text, a.language, b.language}};
    pair.tokens_before = equal_start(a.tokens, b.tokens);
    for (std::size_t layer = 0; layer < a.experts.size(); ++layer) {
        pair.unequal_before +=
            unequal_choices(a.experts[layer], b.experts[layer], pair.tokens_before);
    }
    return pair;
}

void describe_spans(const std::vector<SpanPair>& spans, const Comparison& tokens,
                    MinimalPair& pair) {
    const auto text_of = [](const std::string& text, const TextSpan& span) {
        return text.substr(span.word, span.end - span.word);
    };
    for (std::size_t s = 0; s < spans.size(); ++s) {
        const SpanTokens& own = tokens.spans()[s];
        pair.spans.push_back(
            {.a = text_of(pair.texts.a, spans[s].a),
             .b = text_of(pair.texts.b, spans[s].b),
             .changed = !spans[s].equal,
             .before = spans[s].equal && !own.a.empty() && own.a.back() < pair.tokens_before,
             .tokens_a = own.a.size(),
             .tokens_b = own.b.size(),
             .aligned = own.beside.size()});
    }
    pair.tokens_after = tokens.tokens_after();
}

}  // namespace

MinimalPair minimal_pair(const RoutingTrace& trace, const Progress& progress) {
    const PairRows rows = pair_rows(trace.header());
    const RoutedText a = read_routed_text(trace, rows.a), b = read_routed_text(trace, rows.b);
    MinimalPair pair = describe(trace, a, b);
    const std::vector<SpanPair> spans = align_texts(a.text, b.text);
    const Comparison against_b(a, b, spans, pair.tokens_before);
    describe_spans(spans, against_b, pair);

    std::vector<RoutedText> edits;
    std::vector<Comparison> neutral;
    edits.reserve(rows.neutral.size());  // comparisons keep references
    for (const std::size_t row : rows.neutral) {
        progress.check();
        edits.push_back(read_routed_text(trace, row));
        neutral.emplace_back(a, edits.back(), in_neutral_edit(spans, a, edits.back()),
                             pair.tokens_before);
    }
    pair.neutral_edits = neutral.size();
    std::vector<double> after;                                     // [layers]
    std::vector<std::vector<double>> floor_after(neutral.size());  // [edits][layers]
    for (std::size_t l = 0; l < trace.layers().size(); ++l) {
        progress.check();
        const RoutedLayerInfo& info = trace.layers()[l];
        PairLayer layer{.layer = info.layer,
                        .experts = info.experts,
                        .top_k = info.top_k,
                        .unrelated = 1 - static_cast<double>(info.top_k) / info.experts};
        std::vector<double> floor(neutral.size());
        for (std::size_t s = 0; s < spans.size(); ++s) {
            for (std::size_t n = 0; n < neutral.size(); ++n) floor[n] = neutral[n].change(l, s);
            layer.spans.push_back(summarise(against_b.change(l, s), floor));
        }
        for (std::size_t n = 0; n < neutral.size(); ++n) {
            floor_after[n].push_back(floor[n] = neutral[n].after(l));
        }
        layer.after = summarise(after.emplace_back(against_b.after(l)), floor);
        pair.layers.push_back(std::move(layer));
    }
    std::vector<double> floor;
    for (const std::vector<double>& layers : floor_after) floor.push_back(mean_of(layers));
    pair.after = summarise(mean_of(after), floor);
    pair.sentence = what_changed(pair) + verdict(pair) + before_sentence(pair);
    return pair;
}

}  // namespace alluvium
