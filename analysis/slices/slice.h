#pragma once
// Part of a trace, named in words: "language in (fr, es) and class=word and not L22:E3".
//
//   slice       any := all { "or" all }          all := one { "and" one }
//   one         "not" one | "(" any ")" | comparison | route
//   comparison  COLUMN op VALUE | COLUMN ["not"] "in" "(" VALUE { "," VALUE } ")"
//   op          =  !=  <  <=  >  >=              a number may be a range: position=0..7
//   route       step { "then" step } | "route" "(" step { "then" step } ")"
//   step        L22:E3 | L22:E3|E5               chose one of these experts of layer 22
//
// COLUMN and VALUE are words or 'quoted'; "and", "or", "not", "in", "then" are read in any case.
// The steps of a route are of one token; its layers rise. What a column holds, and what a
// comparison with a missing value gives (never true): analysis/slices/row_filter.h.
#include <cstddef>
#include <string>
#include <vector>

#include "base/ids.h"

namespace alluvium {

// Bytes [begin, end) of the text.
struct SlicePlace {
    std::size_t begin = 0, end = 0;
};

enum class SliceOperator { equal, unequal, less, at_most, more, at_least };

struct SliceValue {
    std::string text;
    SlicePlace place;
};

struct RouteStep {
    LayerId layer = 0;
    std::vector<ExpertId> experts;  // any of them
    SlicePlace place;
};

struct SliceNode {
    enum class Kind {
        all_of,
        any_of,
        negation,  // of its one child
        compare,
        route,
    };
    Kind kind = Kind::all_of;
    SlicePlace place = {};
    std::vector<SliceNode> children = {};

    std::string column = {};  // compare
    SliceOperator op = SliceOperator::equal;
    std::vector<SliceValue> values = {};  // any of them; one, unless op is `equal`

    std::vector<RouteStep> steps = {};  // route
};

struct Slice {
    std::string text;
    std::string origin;  // what errors call it: "--where"
    SliceNode root;
};

// UserError shows the text with a mark under the place that is not understood.
Slice parse_slice(std::string text, std::string origin = "--where");

// UserError that marks `place` in the slice.
[[noreturn]] void refuse_slice(const Slice& slice, SlicePlace place, const std::string& what,
                               const std::string& hint);

// Calls visit(node) for the node and everything below it.
template <typename Visit>
void for_each_node(const SliceNode& node, const Visit& visit) {
    visit(node);
    for (const SliceNode& child : node.children) for_each_node(child, visit);
}

// Whether some comparison names the column.
bool names_column(const SliceNode& node, const std::string& column);

}  // namespace alluvium
