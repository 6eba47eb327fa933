#pragma once
// The tokens that controls look at one by one, with what languages differ in apart from routing.
//
// Memory stays bounded: of a trace with more than `limit` tokens only some prompts are drawn, whole
// units at a time, so that translations stay together.
#include <cstdint>
#include <vector>

#include "analysis/sample.h"
#include "analysis/token_class.h"

namespace alluvium {

struct TokenTraits {
    TokenSelection selection;  // special tokens included; runs in file order
    // One per selected row, in the order of the runs.
    std::vector<std::uint32_t> id, position, prompt;
    std::vector<TokenClass> kind;
    bool drawn = false;  // false: every token of the sample is here

    std::size_t size() const { return id.size(); }
};

// [prompts] 1: drawn. Whole units at random until they hold `limit` tokens; all where they fit.
std::vector<std::uint8_t> draw_prompts(const Sample& sample, std::uint64_t limit,
                                       std::uint64_t seed);

TokenTraits read_token_traits(const RoutingTrace& trace, const Sample& sample, std::uint64_t limit,
                              std::uint64_t seed, Progress& progress);

// Positions in four steps per octave: 0 to 7, 8-9, 10-11, 12-13, 14-15, 16-19, ... Below 128.
std::uint32_t position_bin(std::uint32_t position);

// As make_units(), of the prompts for which `keep` is not 0.
PromptUnits units_of(const PromptTable& table, const Grouping& grouping,
                     const std::vector<std::uint8_t>& keep);

}  // namespace alluvium
