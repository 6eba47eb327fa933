#include "analysis/verdict_sentence.h"

#include <algorithm>
#include <cmath>

#include "analysis/number_text.h"

namespace alluvium {
namespace {

// What the pattern says, after "Languages ".
std::string finding(Pattern pattern) {
    switch (pattern) {
        case Pattern::spread_out_in_the_end:
            return "spread out in the end";
        case Pattern::u_shaped:
            return "part ways early and late, and share the middle";
        case Pattern::front_loaded:
            return "part ways in the early layers";
        case Pattern::middle_peaked:
            return "part ways in the middle layers";
        case Pattern::flat:
            return "stay equally far apart at all depths";
        case Pattern::late_convergence:
            return "come together in the late layers";
        case Pattern::early_rise:
            return "part ways after the early layers and stay apart";
        case Pattern::rising:
            return "part ways more and more with depth";
        case Pattern::falling:
            return "come together more and more with depth";
        case Pattern::inconclusive:
            return "cannot be judged: too few prompts";
        case Pattern::no_language_routing:
            return "are not told apart by the router beyond chance";
        case Pattern::too_few_routed_layers:
            return "cannot be judged over depth: too few routed layers";
        case Pattern::not_applicable:
            return "cannot be compared: a single group";
        case Pattern::unsupported:
            return "cannot be compared: too few equal tokens";
    }
    return {};
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] -= 'a' - 'A';
    return text;
}

std::string plural(std::uint64_t n, const std::string& one, const std::string& many) {
    return thousands_text(n) + " " + (n == 1 ? one : many);
}

std::string window_text(const LayerWindow& window) {
    if (window.first == window.last) return std::to_string(window.first);
    return std::to_string(window.first) + "-" + std::to_string(window.last);
}

std::string windows_text(const Verdict& v) {
    return "early = layers " + window_text(v.early_layers) +
           ", middle = " + window_text(v.middle_layers) + ", late = " + window_text(v.late_layers);
}

std::string differences_text(const Verdict& v) {
    std::string text = "relative divergence late - middle " + interval_text(v.d_late) +
                       ", early - middle " + interval_text(v.d_early);
    text += v.basis == Basis::inferential ? ", 95 % intervals" : ", without intervals";
    return text + "; " + windows_text(v);
}

std::string late_text(const Verdict& v) {
    std::string text = "; last two layers - middle " + interval_text(v.late_two);
    if (v.late_two.has_interval()) text += " (Holm)";
    if (!v.onset) return text;
    text += "; apart from layer " + std::to_string(v.onset->layer);
    if (v.onset->low != v.onset->high) {
        text += " [" + std::to_string(v.onset->low) + ", " + std::to_string(v.onset->high) + "]";
    }
    return text + " on";
}

std::string needed_text(const Analysis& analysis) {
    const Verdict& v = analysis.verdict;
    if (v.pattern != Pattern::inconclusive) return {};
    if (v.units_needed == 0) return {};
    return "; about " + thousands_text(v.units_needed) + " " + analysis.design.unit_name +
           " of this kind would be needed (here " + thousands_text(analysis.design.units) + ")";
}

std::string labels_text(const Analysis& analysis) {
    constexpr std::size_t most = 12;
    std::string text;
    for (std::size_t g = 0; g < std::min(most, analysis.groups.size()); ++g) {
        text += (g > 0 ? ", " : "") + analysis.groups[g].label;
    }
    if (analysis.groups.size() > most) text += ", ...";
    return text;
}

// " of the prompt set 'majors' (8ad2983b5cccf19a)", or what of it is known.
std::string prompt_set_text(const PromptDesign& design) {
    if (design.prompt_set.empty() && design.prompt_set_name.empty()) return {};
    if (design.prompt_set_name.empty()) return " of the prompt set " + design.prompt_set;
    const std::string text = " of the prompt set '" + design.prompt_set_name + "'";
    return design.prompt_set.empty() ? text : text + " (" + design.prompt_set + ")";
}

std::string sample_text(const Analysis& analysis) {
    const std::string noun = group_noun(analysis.options.by);
    std::string text = "Sample: ";
    if (!analysis.model.name.empty()) text += analysis.model.name + ", ";
    text +=
        thousands_text(analysis.groups.size()) + " " + noun + " (" + labels_text(analysis) + ")";
    if (analysis.kind == TraceKind::counts) {
        text += ", prompts unknown";
    } else {
        text += ", " + thousands_text(analysis.design.units) + " " + analysis.design.unit_name;
        if (analysis.design.units != analysis.design.prompts) {
            text += ", " + plural(analysis.design.prompts, "prompt", "prompts");
        }
    }
    text += ", " + plural(analysis.census.selected, "token", "tokens");
    if (!analysis.options.where.empty()) text += " where " + analysis.options.where;
    return text + prompt_set_text(analysis.design) + ".";
}

// "ar 2.10 / 0.0 %, ..." for every group that has text.
std::string tokenizer_text(const Analysis& analysis) {
    std::string text;
    for (const GroupSample& group : analysis.groups) {
        if (std::isnan(group.byte_fragments)) continue;
        text += text.empty() ? "" : ", ";
        text +=
            group.label + " " +
            (std::isnan(group.fertility) ? fixed_text(group.tokens_per_character) + " per character"
                                         : fixed_text(group.fertility)) +
            " / " + fixed_text(100 * group.byte_fragments, 1) + " %";
    }
    if (text.empty()) return {};
    return " Tokens per word / byte fragments: " + text + ".";
}

// "a (flat), b (rising)"
std::string rows_text(const std::vector<RobustnessRow>& rows, Agreement agreement, bool patterns) {
    std::string text;
    for (const RobustnessRow& row : rows) {
        if (row.agreement != agreement) continue;
        text += (text.empty() ? "" : ", ") + row.words;
        if (patterns) text += " (" + std::string(to_string(row.pattern)) + ")";
    }
    return text;
}

// What speaks against the verdict stands before it.
std::string objections_text(const Analysis& analysis) {
    const Verdict& v = analysis.verdict;
    std::string text;
    const std::string changed = rows_text(v.robustness, Agreement::changed, true);
    if (!changed.empty()) text += "Changes under: " + changed + ". ";
    if (v.remainder && agreement_of(v.pattern, v.remainder->pattern) == Agreement::changed) {
        text += "Between tokens of equal class, place and id, " + group_noun(analysis.options.by) +
                " " + finding(v.remainder->pattern) + " (" +
                std::string(to_string(v.remainder->pattern)) + "). ";
    }
    return text;
}

// How far the controls bear it out.
std::string support_text(const Analysis& analysis) {
    const Verdict& v = analysis.verdict;
    std::string text;
    const auto same = std::count_if(v.robustness.begin(), v.robustness.end(), [](const auto& row) {
        return row.agreement == Agreement::same;
    });
    if (is_conclusive(v.pattern) && !v.robustness.empty()) {
        text += " The same under " + std::to_string(same) + " of " +
                std::to_string(v.robustness.size()) + " other ways to count";
        const std::string unclear = rows_text(v.robustness, Agreement::unclear, false);
        text += unclear.empty() ? "." : "; undecided under: " + unclear + ".";
    }
    if (!v.remainder) return text;
    const std::string share = fixed_text(100 * v.remainder->support, 0) + " % of the tokens";
    if (v.remainder->pattern == Pattern::unsupported) {
        return text + " Only " + share +
               " have equals in another of the groups: what is left of the difference between "
               "equal tokens cannot be said.";
    }
    return text + " Between equal tokens (" + share +
           "): " + std::string(to_string(v.remainder->pattern)) + ".";
}

bool has_windows(Pattern pattern) {
    return pattern != Pattern::too_few_routed_layers && pattern != Pattern::not_applicable;
}

}  // namespace

std::string group_noun(const std::string& by) {
    if (by == "language") return "languages";
    if (by == "family") return "language families";
    if (by == "branch") return "language branches";
    if (by == "script") return "scripts";
    if (by == "resource") return "resource levels";
    if (by == "level") return "levels of resources";
    if (by == "class") return "classes of tokens";
    if (by == "domain") return "domains";
    if (by == "prompt") return "prompts";
    return "groups by " + by;
}

void write_verdict_sentence(Analysis& analysis) {
    Verdict& v = analysis.verdict;
    v.headline = capitalised(group_noun(analysis.options.by)) + " " + finding(v.pattern);
    v.sentence = objections_text(analysis) + v.headline + " (" + std::string(to_string(v.pattern));
    if (v.basis == Basis::descriptive) v.sentence += ", descriptive";
    if (has_windows(v.pattern) && std::isfinite(v.d_late.value)) {
        v.sentence += ": " + differences_text(v) + late_text(v);
    }
    v.sentence += needed_text(analysis) + ")." + support_text(analysis) + " " +
                  sample_text(analysis) + tokenizer_text(analysis);
}

}  // namespace alluvium
