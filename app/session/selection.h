#pragma once
#include <string>

#include "analysis/figures/figure.h"

namespace alluvium {

// What is selected, in every view at once. -1 / empty: not chosen.
struct Selection {
    int layer = -1;
    int expert = -1;
    int to_expert = -1;      // a ribbon's end in the next routed layer
    std::string group = {};  // language, family, ...

    bool empty() const { return *this == Selection{}; }
    bool operator==(const Selection&) const = default;
};

inline Selection selection_of(const Datum& datum) {
    return {datum.layer, datum.expert, datum.to_expert, datum.group};
}

// The search (docs/slices.md) for the tokens that chose the selected expert; groups are those of
// the column `by`.
inline std::string route_of(const Selection& selection, const std::string& by) {
    const std::string route =
        "L" + std::to_string(selection.layer) + ":E" + std::to_string(selection.expert);
    return selection.group.empty() ? route : route + " and " + by + "='" + selection.group + "'";
}

}  // namespace alluvium
