#pragma once
// What becomes of the matches of a pattern when a text is cut along them.
#include <cstddef>
#include <span>
#include <vector>

#include "model/tokenizer/definition.h"
#include "model/tokenizer/text/aligned_text.h"

namespace alluvium {

// For "the-final--countdown" cut at '-':
//   removed              the final countdown
//   isolated             the - final - - countdown
//   merged_with_previous the- final- - countdown
//   merged_with_next     the -final - -countdown
//   contiguous           the - final -- countdown
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

SplitBehavior read_split_behavior(const DefinitionPart& part, SplitBehavior otherwise);

// The parts of a text of `size` bytes cut at `matches` (ascending, not overlapping); with `invert`
// the text between the matches takes their role. Parts may be empty. The result is written to
// `parts` so that its memory can be used again.
void cut_at_matches(std::span<const ByteSpan> matches, std::size_t size, SplitBehavior behavior,
                    bool invert, std::vector<ByteSpan>& parts);

}  // namespace alluvium
