#include "analysis/figures/groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "analysis/figures/color_space.h"
#include "analysis/figures/colors.h"

namespace alluvium {
namespace {

// Free hue between two families, in places of a language.
constexpr double kFamilyGap = 0.8;
// Where the circle starts: blue, for the largest family.
constexpr double kFirstHue = 255;

struct Tone {
    double dark, light, chroma;
};

Tone tone_of(const Theme& theme) {
    return theme.dark ? Tone{62, 78, 46} : Tone{46, 63, 50};
}

// The family a group belongs to; an unknown one is a family of its own.
std::string family_of(const GroupLook& group) {
    return group.family.empty() ? "\x7f" + group.label : group.family;
}

void color_by_family(std::span<const GroupLook> groups, const Theme& theme,
                     std::vector<Color>& colors) {
    const std::vector<std::size_t> order = family_order(groups);
    double places = 0;
    std::vector<double> place(groups.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && family_of(groups[order[i]]) != family_of(groups[order[i - 1]]))
            places += kFamilyGap;
        place[order[i]] = places++;
    }
    places += kFamilyGap;
    const Tone tone = tone_of(theme);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const double hue = kFirstHue + 360 * place[order[i]] / places;
        colors[order[i]] = from_lch(i % 2 == 0 ? tone.dark : tone.light, tone.chroma, hue);
    }
}

}  // namespace

std::vector<GroupLook> group_looks(const Analysis& analysis, const LanguageTable& languages) {
    std::vector<GroupLook> looks = group_looks(analysis);
    if (analysis.options.by != "language") return looks;
    for (GroupLook& look : looks) {
        const Language* known = languages.find(look.label);
        if (known == nullptr) continue;
        look.name = known->name;
        look.family = known->family;
        look.branch = known->branch;
    }
    return looks;
}

std::vector<GroupLook> group_looks(const Analysis& analysis) {
    std::vector<GroupLook> looks;
    for (const GroupSample& group : analysis.groups)
        looks.push_back({group.label, group.label, {}, {}, {}});
    return looks;
}

std::vector<std::size_t> family_order(std::span<const GroupLook> groups) {
    std::map<std::string, int> members;
    for (const GroupLook& g : groups) ++members[family_of(g)];
    std::vector<std::size_t> order(groups.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&](std::size_t i) {
        const std::string family = family_of(groups[i]);
        return std::tuple(-members[family], family, groups[i].branch, groups[i].name, i);
    };
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    return order;
}

std::vector<Color> group_colors(std::span<const GroupLook> groups,
                                std::span<const std::size_t> selected, const Theme& theme) {
    std::vector<Color> colors(groups.size(), neutral_color(theme));
    const auto palette = selection_palette(theme);
    if (selected.empty() && groups.size() > kMaxSelected) {
        color_by_family(groups, theme, colors);
        return colors;
    }
    const std::vector<std::size_t> order = family_order(groups);
    const std::span<const std::size_t> marked = selected.empty() ? order : selected;
    for (std::size_t i = 0; i < std::min(marked.size(), kMaxSelected); ++i)
        colors[marked[i]] = palette[i];
    return colors;
}

}  // namespace alluvium
