#include "model/intervene/necessity.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/error.h"

namespace alluvium {
namespace {

std::string number(double value, const char* format) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::string with_interval(const Estimate& e) {
    return number(e.value, "%+.4f") + " [" + number(e.low, "%+.4f") + ", " +
           number(e.high, "%+.4f") + "]";
}

std::size_t index_of(const InterventionResult& result, const std::string& label,
                     const std::string& option) {
    std::string known;
    for (std::size_t g = 0; g < result.languages.size(); ++g) {
        if (result.languages[g].language == label) return g;
        known += (known.empty() ? "" : ", ") + result.languages[g].language;
    }
    throw UserError(option + ": no prompt is in '" + label + "'", "the prompts are in: " + known);
}

// "fr needs it (+0.21 [+0.18, +0.24] nats per token; all of 10 controls cost less, p = 0.09)"
std::string clause(const LanguageEffect& language, Need need, double margin) {
    const Effect& nll = language.nll_change;
    std::string text = need == Need::needed ? language.language + " needs it"
                       : need == Need::not_needed
                           ? language.language + " does not need it"
                           : "whether " + language.language + " needs it is open";
    text += " (" + with_interval(nll.estimate) + " nats per token";
    if (need == Need::not_needed) text += ", below " + number(margin, "%g");
    text += "; ";
    text += std::to_string(nll.spread.at_least) + " of " + std::to_string(nll.spread.n);
    text += " controls cost as much, p = " + number(nll.spread.p, "%.2f") + ")";
    return text;
}

// "7:4 (drop)"; of several, what each of them does.
std::string subject(const Variant& together) {
    if (together.size() != 1 || together[0].swap) return interventions_words(together);
    return targets_word(together[0].targets) + " (" + std::string(operator_word(together[0].op)) +
           ")";
}

std::string conclusion(const Necessity& n) {
    if (n.exclusive) return "needed by " + n.by + " and not by " + n.not_by;
    const bool apart = n.difference.low > 0;
    if (n.by_need == Need::not_needed) return "not needed by " + n.by;
    if (n.by_need == Need::needed && n.not_by_need == Need::needed) {
        return "needed by both" + std::string(apart ? ", more by " + n.by : "");
    }
    if (apart) return "more needed by " + n.by + " than by " + n.not_by + ", no more can be said";
    return "not decided";
}

}  // namespace

std::string need_word(Need need) {
    if (need == Need::undecided) return "undecided";
    return need == Need::needed ? "needed" : "not needed";
}

Need need_of(const Effect& nll_change, double margin) {
    // A single unit has no interval: NaN decides nothing.
    if (nll_change.estimate.high < margin) return Need::not_needed;
    const bool beyond_controls = nll_change.spread.n > 0 && nll_change.spread.at_least == 0;
    return nll_change.estimate.low > 0 && beyond_controls ? Need::needed : Need::undecided;
}

std::vector<Necessity> necessity(const InterventionResult& result,
                                 const NecessityOptions& options) {
    const std::size_t by = index_of(result, options.by, "--needed-by");
    std::vector<std::string> others = options.not_by;
    if (others.empty()) {
        for (const LanguageEffect& language : result.languages) {
            if (language.language != options.by) others.push_back(language.language);
        }
    }
    std::vector<Necessity> answers;
    for (const std::string& label : others) {
        const std::size_t other = index_of(result, label, "--not-by");
        Necessity& n = answers.emplace_back();
        n.by = options.by;
        n.not_by = label;
        n.by_need = need_of(result.languages[by].nll_change, options.margin);
        n.not_by_need = need_of(result.languages[other].nll_change, options.margin);
        n.difference = result.differences[by][other];
        n.exclusive =
            n.by_need == Need::needed && n.not_by_need == Need::not_needed && n.difference.low > 0;
        n.sentence = subject(result.together()) + ": " + conclusion(n) + ". " +
                     clause(result.languages[by], n.by_need, options.margin) + "; " +
                     clause(result.languages[other], n.not_by_need, options.margin) +
                     ". Difference " + with_interval(n.difference) + ".";
    }
    return answers;
}

}  // namespace alluvium
