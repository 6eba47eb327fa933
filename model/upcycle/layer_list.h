#pragma once
#include <string>
#include <vector>

#include "base/ids.h"

namespace alluvium {

// Layers in words: "all", "last:2", or numbers and ranges ("0,3,5-7"). Ascending, each once.
// UserError where the words mean nothing or name a layer that a model of `layers` has not.
std::vector<LayerId> parse_layer_list(const std::string& words, LayerId layers);

}  // namespace alluvium
