#pragma once
// The layouts of Mixture-of-Experts models that a dense model can be put into, and what the dense
// model's config says in their words.
#include <string>
#include <string_view>

#include "base/json.h"

namespace alluvium {

class Checkpoint;
struct ModelSpec;

struct RoutedLayout {
    std::string_view name;          // as `upcycle --layout`
    std::string_view model_type;    // of the routed model
    std::string_view architecture;  // likewise
    bool shared_expert = false;     // the layout cannot be without one
};

// "auto" is the first layout that has a place for every part of the dense model. UserError where
// the family cannot be upcycled, the layout is unknown or has no place for a part.
const RoutedLayout& routed_layout(std::string_view name, const Checkpoint& dense,
                                  const ModelSpec& spec);

// The dense config as the layout says it, still without a word about experts. UserError naming a
// key whose value the layout cannot say.
Json routed_config(const RoutedLayout& layout, const Checkpoint& dense, const ModelSpec& spec);

}  // namespace alluvium
