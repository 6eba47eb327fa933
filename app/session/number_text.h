#pragma once
// Numbers as the workbench shows them.
#include <cstdint>
#include <string>

namespace alluvium {

// Three significant digits without exponent where it stays short: 0.413, 12.3, 1,230, 0.00041.
// "missing" where not finite.
std::string three_digits(double value);

// 1,204
std::string grouped_digits(std::uint64_t value);

// "8 s", "3 min 20 s", "2 h 05 min"
std::string duration_text(double seconds);

}  // namespace alluvium
