#include "analysis/pairs/read_or_written.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "analysis/jackknife.h"
#include "analysis/number_text.h"
#include "analysis/pairs/language_request.h"
#include "analysis/pairs/routed_text.h"
#include "base/error.h"
#include "captures/languages.h"

namespace alluvium {
namespace {

using Shares = std::vector<double>;  // [experts]

// Rows of the prompt table of one group, [read][write].
using FourPrompts = std::array<std::array<std::size_t, 2>, 2>;

struct Design {
    std::string languages[2];
    std::vector<FourPrompts> groups;
};

UserError no_design() {
    return UserError("this trace does not hold texts in two languages with requests in both",
                     "'alluvium pairs CHECKPOINT --languages en,fr' captures them");
}

Design design_of(const TraceHeader& header) {
    const auto read = header.prompts.extra.find(kReadColumn);
    const auto write = header.prompts.extra.find(kWriteColumn);
    if (header.kind != TraceKind::tokens || read == header.prompts.extra.end() ||
        write == header.prompts.extra.end() || header.layers.empty()) {
        throw no_design();
    }
    Design design;
    std::map<std::string, std::map<std::pair<std::string, std::string>, std::size_t>> cells;
    std::vector<std::string> order;
    for (std::size_t p = 0; p < header.prompts.size(); ++p) {
        if (p == 0) design.languages[0] = read->second[p];
        if (read->second[p] != design.languages[0]) design.languages[1] = read->second[p];
        const std::string& group = header.prompts.group[p];
        if (!cells.contains(group)) order.push_back(group);
        cells[group][{read->second[p], write->second[p]}] = p;
    }
    for (const std::string& group : order) {
        FourPrompts four{};
        for (std::size_t r = 0; r < 2; ++r) {
            for (std::size_t w = 0; w < 2; ++w) {
                const auto cell = cells[group].find({design.languages[r], design.languages[w]});
                if (cell == cells[group].end()) throw no_design();
                four[r][w] = cell->second;
            }
        }
        design.groups.push_back(four);
    }
    if (design.groups.size() < 2) throw no_design();
    return design;
}

Shares shares_of(const Grid<ExpertId>& experts, std::size_t begin, std::size_t end,
                 std::uint32_t count) {
    Shares shares(count, 0);
    double total = 0;
    for (std::size_t t = begin; t < end; ++t) {
        if (experts.row(t).front() == kMissingExpert) continue;
        for (const ExpertId e : experts.row(t)) shares[e] += 1, total += 1;
    }
    for (double& share : shares) share /= total > 0 ? total : kMissing;
    return shares;
}

double dot(const Shares& a, const Shares& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// How many tokens at the end all four texts share, within the request.
std::size_t shared_end(const std::array<const RoutedText*, 4>& texts) {
    const auto from_end = [](const RoutedText& text, std::size_t i) {
        return text.tokens.size() - 1 - i;
    };
    std::size_t shared = 0;
    for (;; ++shared) {
        for (const RoutedText* text : texts) {
            if (shared >= text->tokens.size()) return shared;
            const std::size_t t = from_end(*text, shared), u = from_end(*texts[0], shared);
            if (text->tokens.id[t] != texts[0]->tokens.id[u]) return shared;
            if (text->tokens.byte_begin[t] < request_begin(text->text)) return shared;
        }
    }
}

// Tokens of the text itself: [begin, end).
std::pair<std::size_t, std::size_t> text_tokens(const RoutedText& text) {
    std::size_t begin = 0, end = 0;
    const std::size_t request = request_begin(text.text);
    while (begin < text.tokens.size() && text.tokens.special[begin] != 0) ++begin;
    end = begin;
    while (end < text.tokens.size() && text.tokens.byte_end[end] <= request) ++end;
    return {begin, end};
}

// One layer of one group.
struct GroupShares {
    Shares text[2];                               // by language
    std::array<std::array<Shares, 2>, 2> ending;  // [read][write]
};

// One layer's effects of one group: numerators and the common denominator.
struct GroupEffects {
    double read = 0, write = 0, texts = 0;
};

// [groups] of the layer, or of several whose effects are added.
using LayerEffects = std::vector<GroupEffects>;

LayerEffects effects_of(const std::vector<GroupShares>& groups) {
    const std::size_t experts = groups.front().text[0].size();
    LayerEffects effects;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        // What the other groups' texts choose.
        Shares d(experts, 0);
        for (std::size_t h = 0; h < groups.size(); ++h) {
            for (std::size_t e = 0; h != g && e < experts; ++e) {
                d[e] += (groups[h].text[0][e] - groups[h].text[1][e]) /
                        static_cast<double>(groups.size() - 1);
            }
        }
        const auto s = [&](std::size_t r, std::size_t w) { return dot(groups[g].ending[r][w], d); };
        effects.push_back({.read = (s(0, 0) + s(0, 1) - s(1, 0) - s(1, 1)) / 2,
                           .write = (s(0, 0) + s(1, 0) - s(0, 1) - s(1, 1)) / 2,
                           .texts = dot(groups[g].text[0], d) - dot(groups[g].text[1], d)});
    }
    return effects;
}

// mean(above) / mean(below) with its interval over groups.
template <typename Above, typename Below>
Estimate ratio(const LayerEffects& effects, Above above, Below below) {
    const auto without = [&](std::size_t left_out) {
        double a = 0, b = 0;
        for (std::size_t g = 0; g < effects.size(); ++g) {
            if (g == left_out) continue;
            a += above(effects[g]);
            b += below(effects[g]);
        }
        return a / b;
    };
    std::vector<double> values;
    for (std::size_t g = 0; g < effects.size(); ++g) values.push_back(without(g));
    const std::vector<std::int32_t> stratum(effects.size(), 0);
    return jackknife(without(effects.size()), values, stratum).interval();
}

ReadOrWrittenLayer estimate(LayerId layer, const LayerEffects& effects) {
    const auto texts = [](const GroupEffects& e) { return e.texts; };
    ReadOrWrittenLayer result{.layer = layer};
    result.texts = ratio(effects, texts, [](const GroupEffects&) { return 1.0; });
    if (!(result.texts.low > 0)) return result;  // nothing to be relative to
    result.read = ratio(
        effects, [](const GroupEffects& e) { return e.read; }, texts);
    result.write = ratio(
        effects, [](const GroupEffects& e) { return e.write; }, texts);
    result.difference = ratio(
        effects, [](const GroupEffects& e) { return e.write - e.read; }, texts);
    return result;
}

Follows follows(const ReadOrWrittenLayer& late) {
    const bool read = late.read.low > 0, write = late.write.low > 0;
    if (read && late.difference.high < 0) return Follows::read;
    if (write && late.difference.low > 0) return Follows::written;
    return read && write ? Follows::both : Follows::inconclusive;
}

std::string sentence_of(const ReadOrWritten& result) {
    const auto name = [](const std::string& code) {
        const Language* language = LanguageTable::instance().find(code);
        return language == nullptr ? code : language->name;
    };
    const std::string where =
        "Before the reply, in the last third of the routed layers (from layer " +
        std::to_string(result.late_from) + "), ";
    const std::string pair = name(result.first) + " and " + name(result.second);
    if (!result.late.read.has_value()) {
        return where + "inconclusive: texts in " + pair + " are not routed differently there.";
    }
    const std::string numbers = " (effect of the language read " + interval_text(result.late.read) +
                                ", of the language to be written " +
                                interval_text(result.late.write) +
                                "; 1 is the difference between texts in " + pair + "; " +
                                std::to_string(result.groups) + " translated texts).";
    switch (result.follows) {
        case Follows::read:
            return where + "routing goes with the language read" + numbers;
        case Follows::written:
            return where + "routing goes with the language to be written" + numbers;
        case Follows::both:
            return where + "routing goes with both languages" + numbers;
        case Follows::inconclusive:
            break;
    }
    return where + "it is inconclusive which language routing goes with" + numbers;
}

// [layers][groups]
using AllShares = std::vector<std::vector<GroupShares>>;

// Reads one group; returns how many tokens at the end were scored.
std::size_t read_group(const RoutingTrace& trace, const FourPrompts& four, AllShares& all) {
    std::array<std::array<RoutedText, 2>, 2> texts;
    for (std::size_t r = 0; r < 2; ++r) {
        for (std::size_t w = 0; w < 2; ++w) texts[r][w] = read_routed_text(trace, four[r][w]);
    }
    const std::size_t end = shared_end({&texts[0][0], &texts[0][1], &texts[1][0], &texts[1][1]});
    for (std::size_t l = 0; l < trace.layers().size(); ++l) {
        const std::uint32_t experts = trace.layers()[l].experts;
        GroupShares shares;
        for (std::size_t r = 0; r < 2; ++r) {
            // The same before either request.
            const auto [from, to] = text_tokens(texts[r][0]);
            shares.text[r] = shares_of(texts[r][0].experts[l], from, to, experts);
            for (std::size_t w = 0; w < 2; ++w) {
                const std::size_t tokens = texts[r][w].tokens.size();
                shares.ending[r][w] =
                    shares_of(texts[r][w].experts[l], tokens - end, tokens, experts);
            }
        }
        all[l].push_back(std::move(shares));
    }
    return end;
}

}  // namespace

bool holds_language_requests(const RoutingTrace& trace) {
    const auto& extra = trace.header().prompts.extra;
    return extra.contains(kReadColumn) && extra.contains(kWriteColumn);
}

ReadOrWritten read_or_written(const RoutingTrace& trace, const Progress& progress) {
    const Design design = design_of(trace.header());
    ReadOrWritten result{.path = trace.header().path,
                         .model = trace.header().model,
                         .first = design.languages[0],
                         .second = design.languages[1],
                         .groups = design.groups.size()};
    const std::size_t layers = trace.layers().size();
    AllShares shares(layers);
    for (const FourPrompts& four : design.groups) {
        progress.check();
        result.tokens += static_cast<double>(read_group(trace, four, shares)) /
                         static_cast<double>(result.groups);
    }
    LayerEffects late(result.groups);
    const std::size_t late_from = layers - std::max<std::size_t>(1, layers / 3);
    for (std::size_t l = 0; l < layers; ++l) {
        progress.check();
        const LayerEffects effects = effects_of(shares[l]);
        result.layers.push_back(estimate(trace.layers()[l].layer, effects));
        for (std::size_t g = 0; l >= late_from && g < effects.size(); ++g) {
            late[g].read += effects[g].read;
            late[g].write += effects[g].write;
            late[g].texts += effects[g].texts;
        }
    }
    result.late_from = trace.layers()[late_from].layer;
    result.late = estimate(result.late_from, late);
    result.follows = follows(result.late);
    result.sentence = sentence_of(result);
    return result;
}

}  // namespace alluvium
