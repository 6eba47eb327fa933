#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/capture/token_rows.h"

namespace alluvium {

// The prompts of a batch that have tokens, without the rows that are reserved behind them.
struct BatchPrompts {
    std::vector<std::vector<std::int64_t>> ids;
    std::vector<std::string> languages;
    std::vector<TokenPos> rows;      // of the trace, where they start
    std::vector<std::size_t> index;  // in the trace
};

}  // namespace alluvium
