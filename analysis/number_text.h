#pragma once
// Numbers as sentences print them.
#include <cstdint>
#include <string>

#include "analysis/estimate.h"

namespace alluvium {

// "0.31"; "missing" where not finite.
std::string fixed_text(double value, int digits = 2);
// "+0.31", "-0.02", "0.00".
std::string signed_text(double value, int digits = 2);
// "41,210".
std::string thousands_text(std::uint64_t value);
// "+0.09 [0.07, 0.11]": as many digits, up to 4, as it takes for the bounds to differ.
std::string interval_text(const Estimate& estimate);

}  // namespace alluvium
