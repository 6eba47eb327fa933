#pragma once
// Two predictions of one model side by side: the same sentence in two languages. Experts that both
// came by stand grey in the pictures and are named between them; those of one alone are coloured
// and bold.
#include <string>

#include "analysis/figures/flow_figure.h"
#include "captures/languages.h"

namespace alluvium {

struct FlowSide {
    std::string name;      // "French"
    std::string language;  // BCP 47 of the texts; empty: English
    const InformationFlow& flow;
};

// Named by what `label` ("fr", the stem of a file) says; labels that are no languages keep
// themselves.
FlowSide flow_side(const std::string& label, const InformationFlow& flow,
                   const LanguageTable& languages);

// Data: that of flow_figure() for both, groups led by the side's name; "common" (layer, expert)
// with the largest contribution of either. UserError as flow_overlap().
Figure flow_pair_figure(const FlowSide& a, const FlowSide& b, const FlowFigureOptions& options,
                        const Theme& theme, const TextMeter& meter);

}  // namespace alluvium
