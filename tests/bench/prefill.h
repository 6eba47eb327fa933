#pragma once
#include <string>
#include <vector>

#include "base/json.h"

namespace alluvium::bench {

// Tokens per second of one forward pass over random ids.
// CHECKPOINT [--tokens 512] [--threads 2] [--dtype bf16] [--repeats 5] [--seed 1] [--no-capture]
// [--routing-only] [--batch-invariant]
// The whole stack is computed unless --routing-only, which ends at the last router as `capture`
// does when nothing else is recorded. The output head is never computed.
Json prefill(const std::vector<std::string>& words);

}  // namespace alluvium::bench
