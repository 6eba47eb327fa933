#pragma once
// How the groups of an analysis (languages, as a rule) are named, ordered and coloured.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/figure.h"
#include "captures/languages.h"

namespace alluvium {

struct GroupLook {
    std::string label;     // as in the analysis
    std::string name;      // what is printed: "French"
    std::string language;  // BCP 47 of the name's text; empty: English
    std::string family;    // empty: unknown
    std::string branch;
};

// One per group of the analysis, in its order. Labels that are no languages keep themselves as
// names.
std::vector<GroupLook> group_looks(const Analysis& analysis, const LanguageTable& languages);
// Without a table: every label is its own name.
std::vector<GroupLook> group_looks(const Analysis& analysis);

// Indices of the groups: large families first, branches together, then by name. Every figure lists
// them in this order, so that relatives stand side by side.
std::vector<std::size_t> family_order(std::span<const GroupLook> groups);

// One colour per group. Without a selection and up to five groups: the palette. Without a
// selection and more groups: hues by family (relatives get neighbouring hues), lightness alternates
// between neighbours; identity still comes from position and label. With a selection (at most
// kMaxSelected count): the palette for these, grey for the rest.
std::vector<Color> group_colors(std::span<const GroupLook> groups,
                                std::span<const std::size_t> selected, const Theme& theme);

}  // namespace alluvium
