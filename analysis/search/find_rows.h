#pragma once
// A slice as a set of rows. Private to analysis/search.
#include "analysis/search/route_index.h"
#include "analysis/slices/slice.h"

namespace alluvium {

struct RowQuestion {
    const SliceNode& node;  // of the slice
    const RowSet& within;   // rows that are asked about
};

// The rows that belong to a part of a slice: by set operations on the index where the index knows,
// and for the rest (position, token, margin) by looking at the rows that are left. UserError as
// RowFilter; Cancelled.
RowSet find_rows(const RoutingTrace& trace, const Slice& slice, const RowQuestion& question,
                 RouteIndex& index, Progress& progress);

}  // namespace alluvium
