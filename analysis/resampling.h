#pragma once
// Divergence of one layer recomputed on changed samples, from per-prompt rows [prompts, E] alone.
// What changes is drawn once and used for all layers, so that layers stay comparable.
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/prompt_units.h"
#include "base/grid.h"
#include "base/progress.h"

namespace alluvium {

// D without each unit in turn, [units].
std::vector<double> divergence_without_units(const Grid<double>& rows, const PromptUnits& units);

// Labels under the null hypothesis that they do not matter, [draws, prompts]: permuted inside
// translation groups where the label varies there, else over whole groups.
Grid<std::int32_t> permuted_labels(const PromptUnits& units, std::size_t draws, std::uint64_t seed);

// How often each prompt is in a bootstrap sample of units (within strata), [draws, prompts].
Grid<std::uint16_t> bootstrap_weights(const PromptUnits& units, std::size_t draws,
                                      std::uint64_t seed);

}  // namespace alluvium
