#include "app/painters/block_metrics.h"

#include "app/painters/text_layout.h"

namespace alluvium {

BlockMetrics block_metrics(const TextBlock& block) {
    const LayoutPtr layout = make_layout(block);
    PangoRectangle logical;
    pango_layout_get_extents(layout.get(), nullptr, &logical);
    return {{from_pango(logical.x + logical.width), from_pango(logical.height)},
            from_pango(pango_layout_get_baseline(layout.get()))};
}

}  // namespace alluvium
