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

}  // namespace alluvium
