#pragma once
// How a checkpoint came to be, as far as this program made it: the key "alluvium" of its
// config.json. Part of the content id, because two checkpoints of different making are different
// models.
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace alluvium {

struct Lineage {
    Json steps = Json::array();  // oldest first: {"step": "upcycle", "source": ID, ...}
    std::string experts_by;      // "language", "family", or empty: experts stand for nothing
    std::vector<std::string> expert_labels;  // [E] language code or family of each expert, or empty

    bool operator==(const Lineage&) const = default;
};

// Empty where the config has no such key. UserError naming `source` where it has another form.
Lineage read_lineage(const Json& config, std::string_view source);

// Puts it under its key, in place of what was there.
void write_lineage(Json& config, const Lineage& lineage);

}  // namespace alluvium
