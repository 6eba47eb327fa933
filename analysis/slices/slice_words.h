#pragma once
// The words of a slice. Private to analysis/slices.
#include "analysis/slices/slice.h"

namespace alluvium {

struct SliceWord {
    enum class Kind { word, quoted, op, open, close, comma, end };
    Kind kind = Kind::end;
    std::string text;  // quoted: without the quotes
    SlicePlace place;
};

// The last one is `end`. UserError for a quote that is not closed and for a lone '!'.
std::vector<SliceWord> split_slice(const Slice& slice);

}  // namespace alluvium
