#pragma once
#include <optional>

#include "model/tokenizer/regex/char_class.h"
#include "model/tokenizer/regex/pattern_cursor.h"

namespace alluvium {

// How deeply groups and classes may be nested in a pattern.
inline constexpr int kDeepestNesting = 100;

// A class in square brackets whose '[' is already read: ranges, escapes, [:names:], classes inside
// it and intersections (&&).
CharClass take_class(PatternCursor& in, int depth = 0);

// \s, \p{...} and the like, whose backslash is already read; nothing is read where it is none of
// them.
std::optional<CharClass> take_class_escape(PatternCursor& in);

}  // namespace alluvium
