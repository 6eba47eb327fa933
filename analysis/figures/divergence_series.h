#pragma once
// The numbers of the divergence figure, and the words around it.
#include <span>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/figures/groups.h"

namespace alluvium {

// One value per routed layer; NaN: missing.
using Series = std::vector<double>;

struct DivergenceSeries {
    std::vector<int> layers;
    Series curve;  // corrected, or as observed where no layer could be corrected
    Series observed, low, high, band, ceiling, floor;
    Series random, random_low, random_high;  // of routers that learned nothing
    bool corrected = false;
};

DivergenceSeries divergence_series(const Analysis& analysis);

bool any_value(const Series& series);
double largest(const Series& series);   // -infinity where all are missing
double smallest(const Series& series);  // +infinity

std::string divergence_title(const Analysis& analysis);
std::string divergence_subtitle(const Analysis& analysis, std::span<const GroupLook> looks);

// What each mark means, then what is absent and why: a paragraph each.
std::vector<std::string> divergence_notes(const Analysis& analysis, const DivergenceSeries& series);

}  // namespace alluvium
