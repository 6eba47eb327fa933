#pragma once
#include <string_view>

#include "model/tokenizer/pipeline_parts.h"

namespace alluvium {

// From the content of a SentencePiece model file (BPE or Unigram). The frame is empty: such a file
// adds no tokens by itself. UserError where it is malformed or of another kind.
PipelineParts parts_from_sentencepiece(std::string_view bytes);

}  // namespace alluvium
