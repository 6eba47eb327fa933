#pragma once
#include "app/painters/text.h"

namespace alluvium {

// Of a block as rasterize_text() draws it, in the block's units.
struct BlockMetrics {
    Size size;            // of the line box, marks that stick out not counted
    double baseline = 0;  // of the first line, below the block's top
};

BlockMetrics block_metrics(const TextBlock& block);

}  // namespace alluvium
