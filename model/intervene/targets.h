#pragma once
#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/families/model_spec.h"

namespace alluvium {

// One routed expert of one layer.
struct ExpertTarget {
    LayerId layer = 0;
    int expert = 0;

    auto operator<=>(const ExpertTarget&) const = default;
};

// "L:E,...": E is a number or, where the checkpoint's experts stand for something, its label
// (7:fr); `*` for L means every routed layer that has the expert. Ascending, each once. `option`
// names the list in errors. UserError for what is no such list, a layer without a router, an expert
// that the layer does not have.
std::vector<ExpertTarget> parse_targets(std::string_view list, std::string_view option,
                                        const ModelSpec& spec,
                                        std::span<const std::string> expert_labels = {});

// "7:4,7:5"
std::string targets_word(std::span<const ExpertTarget> targets);

}  // namespace alluvium
