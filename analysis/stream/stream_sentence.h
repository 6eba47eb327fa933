#pragma once
#include "analysis/stream/analyze_stream.h"

namespace alluvium {

// Fills verdict.headline and sentence from everything else in `analysis`.
void write_stream_sentence(StreamAnalysis& analysis);

}  // namespace alluvium
