#pragma once
#include <cstdint>
#include <vector>

#include "model/tokenizer/definition.h"

namespace alluvium {

// The tokens that a post-processor puts around a text.
struct SpecialFrame {
    std::vector<std::uint32_t> before;
    std::vector<std::uint32_t> after;
};

// The "post_processor" part of a definition. Its trimming of offsets is never done: here a token
// covers the white space that it holds. UserError names what is not supported.
SpecialFrame read_special_frame(const DefinitionPart& part);

}  // namespace alluvium
