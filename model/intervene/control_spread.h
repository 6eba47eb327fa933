#pragma once
#include <span>

#include "model/intervene/intervene.h"

namespace alluvium {

// Where `effect` stands among those of the controls, larger being worse.
ControlSpread spread_of(double effect, std::span<const double> controls);

}  // namespace alluvium
