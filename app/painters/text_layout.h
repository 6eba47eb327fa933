#pragma once
// Pango layouts with this program's fonts; private to the painters.
#include <memory>
#include <string>

#include <pango/pangocairo.h>

#include "app/painters/text.h"

namespace alluvium {

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
using LayoutPtr = std::unique_ptr<PangoLayout, Unref>;

LayoutPtr make_layout(const TextBlock& block);

// One line for a figure's label.
LayoutPtr make_label(std::string_view text, const TextStyle& style);

// Pango's units to points.
inline double from_pango(int units) {
    return static_cast<double>(units) / PANGO_SCALE;
}

}  // namespace alluvium
