#pragma once
#include <string>

namespace alluvium {

// "8 s", "3 min 20 s", "2 h 05 min"; "unknown" where negative or not finite.
std::string duration_text(double seconds);

}  // namespace alluvium
