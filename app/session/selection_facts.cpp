#include "app/session/selection_facts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "analysis/figures/numbers.h"
#include "analysis/number_text.h"

namespace alluvium {
namespace {

std::optional<std::size_t> group_index(const Analysis& analysis, const std::string& label) {
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        if (analysis.groups[g].label == label) return g;
    }
    return std::nullopt;
}

const LayerAnalysis* find_layer(const Analysis& analysis, int layer) {
    for (const LayerAnalysis& candidate : analysis.layers) {
        if (candidate.layer == layer) return &candidate;
    }
    return nullptr;
}

Fact number_fact(std::string name, double number) {
    return {std::move(name), number, number_text(number)};
}

Fact text_fact(std::string name, std::string text) {
    return {std::move(name), kMissing, std::move(text)};
}

std::string with_interval(double value, double low, double high) {
    const Estimate estimate{value, low, high};
    return estimate.has_interval() ? interval_text(estimate) : number_text(value);
}

std::string times_chance(double share, double chance) {
    if (!std::isfinite(share)) return "missing";
    return number_text(share / chance) + " x chance";
}

std::vector<GroupUse> uses(const Analysis& analysis, const LayerAnalysis& layer,
                           std::size_t expert) {
    std::vector<GroupUse> all;
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        all.push_back({analysis.groups[g].label, layer.share(g, expert),
                       layer.token_ratio(g, expert), layer.selections(g, expert), layer.tokens[g]});
    }
    // Missing shares last: NaN compares false with everything.
    std::stable_sort(all.begin(), all.end(), [](const GroupUse& a, const GroupUse& b) {
        if (std::isnan(a.share) || std::isnan(b.share))
            return !std::isnan(a.share) && std::isnan(b.share);
        return a.share > b.share;
    });
    return all;
}

void add_expert_facts(SelectionFacts& out, const LayerAnalysis& layer, const GroupUse* use) {
    if (use != nullptr) {
        out.facts.push_back(number_fact("share of selections", use->share));
        out.facts.push_back(text_fact("", times_chance(use->share, layer.chance_share())));
        out.facts.push_back(number_fact("token ratio", use->token_ratio));
        out.facts.push_back(text_fact(
            "tokens", thousands_text(use->selections) + " of " + thousands_text(use->tokens)));
    }
    out.facts.push_back(number_fact("chance (share)", layer.chance_share()));
    out.facts.push_back(number_fact("chance (ratio)", layer.chance_ratio()));
}

void add_layer_facts(SelectionFacts& out, const LayerAnalysis& layer) {
    const Divergence& d = layer.divergence;
    out.facts.push_back(text_fact(
        "experts", std::to_string(layer.experts) + ", top " + std::to_string(layer.top_k)));
    const bool corrected = std::isfinite(d.corrected);
    out.facts.push_back(
        {corrected ? "divergence, corrected" : "divergence", corrected ? d.corrected : d.value,
         corrected ? with_interval(d.corrected, d.low, d.high) : number_text(d.value)});
    out.facts.push_back(number_fact("ceiling", d.ceiling));
    out.facts.push_back(number_fact("relative to ceiling", d.relative));
    if (std::isfinite(d.band)) out.facts.push_back(number_fact("null band ends at", d.band));
    out.facts.push_back(text_fact("dead experts", std::to_string(layer.load.dead_experts)));
}

void add_group_facts(SelectionFacts& out, const GroupSample& group) {
    out.facts.push_back(text_fact("tokens", thousands_text(group.tokens)));
    if (group.prompts > 0) {
        out.facts.push_back(text_fact("prompts", thousands_text(group.prompts)));
    }
    if (std::isfinite(group.fertility)) {
        out.facts.push_back(number_fact("tokens per word", group.fertility));
    }
}

// Between the members that use the expert most and least; nothing for fewer than two shares.
std::optional<Difference> difference_at(const Analysis& analysis, const LayerAnalysis& layer,
                                        std::size_t expert,
                                        const std::vector<std::size_t>& members) {
    std::optional<std::size_t> low, high;
    for (const std::size_t g : members) {
        const double share = layer.share(g, expert);
        if (!std::isfinite(share)) continue;
        if (!low || share < layer.share(*low, expert)) low = g;
        if (!high || share > layer.share(*high, expert)) high = g;
    }
    if (!low || low == high) return std::nullopt;
    return Difference{layer.layer, static_cast<ExpertId>(expert), analysis.groups[*high].label,
                      analysis.groups[*low].label,
                      layer.share(*high, expert) - layer.share(*low, expert)};
}

// With a group: how concentrated it is, layer by layer. Without: how far the groups lie apart.
void add_profile(SelectionFacts& out, const Analysis& analysis, std::optional<std::size_t> group) {
    for (const LayerAnalysis& layer : analysis.layers) {
        out.layers.push_back(layer.layer);
        if (!group) {
            out.profile.push_back(layer.divergence.relative);
            continue;
        }
        const auto shares = layer.share.row(*group);
        out.profile.push_back(shares.empty() ? kMissing
                                             : *std::max_element(shares.begin(), shares.end()));
    }
    out.profile_name = group ? "largest share of " + analysis.groups[*group].label
                             : "divergence, relative to its ceiling";
}

}  // namespace

SelectionFacts selection_facts(const Analysis& analysis, const Selection& selection) {
    SelectionFacts out;
    const LayerAnalysis* layer = find_layer(analysis, selection.layer);
    const auto group = group_index(analysis, selection.group);
    const bool expert = layer != nullptr && selection.expert >= 0 &&
                        selection.expert < static_cast<int>(layer->experts);
    const auto add_title = [&](const std::string& part) {
        out.title += (out.title.empty() ? "" : ", ") + part;
    };
    if (layer != nullptr) add_title("layer " + std::to_string(layer->layer));
    if (expert) add_title("expert " + std::to_string(selection.expert));
    if (selection.to_expert >= 0) add_title("to expert " + std::to_string(selection.to_expert));
    if (group) add_title(analysis.groups[*group].label);
    if (out.title.empty()) return out;

    if (expert) {
        out.groups = uses(analysis, *layer, static_cast<std::size_t>(selection.expert));
        const auto use = std::find_if(out.groups.begin(), out.groups.end(), [&](const GroupUse& u) {
            return u.group == selection.group;
        });
        add_expert_facts(out, *layer, use == out.groups.end() ? nullptr : &*use);
    } else if (layer != nullptr) {
        add_layer_facts(out, *layer);
    } else if (group) {
        add_group_facts(out, analysis.groups[*group]);
    }
    add_profile(out, analysis, group);
    return out;
}

std::string facts_text(const SelectionFacts& facts) {
    std::string text = facts.title + "\n";
    for (const Fact& fact : facts.facts) {
        if (std::isfinite(fact.number)) {
            char number[40];
            std::snprintf(number, sizeof number, "%.17g", fact.number);
            text += fact.name + "\t" + number + "\n";
        } else {
            text += fact.name + "\t" + fact.text + "\n";
        }
    }
    for (const GroupUse& use : facts.groups) {
        char line[160];
        std::snprintf(line, sizeof line, "\t%.17g\t%.17g\t%llu\t%llu\n", use.share, use.token_ratio,
                      static_cast<unsigned long long>(use.selections),
                      static_cast<unsigned long long>(use.tokens));
        text += use.group + line;
    }
    return text;
}

std::vector<Difference> largest_differences(const Analysis& analysis,
                                            const std::vector<std::string>& groups,
                                            std::size_t count) {
    std::vector<std::size_t> members;
    for (std::size_t g = 0; g < analysis.groups.size(); ++g) {
        const bool wanted = groups.empty() || std::find(groups.begin(), groups.end(),
                                                        analysis.groups[g].label) != groups.end();
        if (wanted) members.push_back(g);
    }
    std::vector<Difference> all;
    for (const LayerAnalysis& layer : analysis.layers) {
        for (std::size_t e = 0; e < layer.experts; ++e) {
            if (const auto found = difference_at(analysis, layer, e, members))
                all.push_back(*found);
        }
    }
    const auto shown = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
    std::partial_sort(all.begin(), shown, all.end(), [](const Difference& a, const Difference& b) {
        return a.difference > b.difference;
    });
    all.erase(shown, all.end());
    return all;
}

}  // namespace alluvium
