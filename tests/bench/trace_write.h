#pragma once
#include <string>
#include <vector>

#include "base/json.h"

namespace alluvium::bench {

// How fast routing reaches the disk, against the same number of bytes written as they are.
// FOLDER [--tokens 65536] [--layers 16] [--experts 64] [--top-k 8] [--batch 2048] [--pairs 7]
// Both write into files whose space is reserved before the clock starts, and both end with what was
// written on the disk. The trace is written as `capture` does: layer by layer for every batch,
// logits, weights and margins rounded to f16, a batch's prompts marked done. One pair is written
// first to warm up; trace and raw take turns; the ratio is the median over pairs.
Json trace_write(const std::vector<std::string>& words);

}  // namespace alluvium::bench
