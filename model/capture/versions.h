#pragma once
#include <string>

namespace alluvium {

std::string libtorch_version();  // "2.11.0"
std::string engine_version();    // "alluvium 0.1.0, libtorch 2.11.0", as traces name it

}  // namespace alluvium
