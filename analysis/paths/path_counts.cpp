#include "analysis/paths/path_counts.h"

#include <algorithm>

namespace alluvium {

PathCounts count_paths(std::vector<PathToken> tokens) {
    std::ranges::sort(tokens);
    PathCounts counts;
    const PathToken* last = nullptr;
    for (const PathToken& token : tokens) {
        if (last == nullptr || token.key != last->key) counts.keys.push_back(token.key);
        if (last != nullptr && token == *last) {
            ++counts.entries.back().tokens;
        } else {
            const auto path = static_cast<std::uint32_t>(counts.keys.size() - 1);
            counts.entries.push_back({path, token.prompt, 1});
        }
        last = &token;
    }
    return counts;
}

Grid<std::uint32_t> PathCounts::by_label(std::span<const std::int32_t> labels,
                                         std::size_t groups) const {
    Grid<std::uint32_t> counts(groups, keys.size());
    for (const PathCount& entry : entries) {
        const std::int32_t label = labels[entry.prompt];
        if (label >= 0) counts(static_cast<std::size_t>(label), entry.path) += entry.tokens;
    }
    return counts;
}

}  // namespace alluvium
