#pragma once
// Tokens of a capture that is still going on, for who watches it.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/grid.h"
#include "base/ids.h"

namespace alluvium {

// Consecutive tokens of one prompt whose routing has just been computed.
struct LiveTokens {
    std::size_t prompt = 0;     // row of the prompt table
    std::size_t first = 0;      // position of the first of them in the prompt
    std::size_t of_prompt = 0;  // tokens of the prompt itself; those behind are generated
    std::string text;           // the prompt's text and what was generated behind it so far
    std::vector<std::uint32_t> ids{}, begin{}, end{};  // bytes of `text`; equal: not of the text
    std::vector<LayerId> layers{};                     // routed
    std::vector<Grid<ExpertId>> experts{};             // [routed layers][tokens, k], best first
};

// Called on the thread of the capture, prompt after prompt in rising positions.
using LiveObserver = std::function<void(const LiveTokens&)>;

}  // namespace alluvium
