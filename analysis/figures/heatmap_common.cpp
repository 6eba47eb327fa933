#include "analysis/figures/heatmap_common.h"

#include "analysis/number_text.h"

namespace alluvium {

std::vector<std::size_t> heatmap_groups(const HeatmapOptions& options,
                                        std::span<const GroupLook> looks) {
    std::vector<std::size_t> panels;
    const std::vector<std::size_t> shown =
        options.groups.empty() ? family_order(looks) : options.groups;
    if (options.average && looks.size() > 1) panels.push_back(kMeanPanel);
    panels.insert(panels.end(), shown.begin(), shown.end());
    return panels;
}

std::string decimals_text(double share) {
    std::string text = fixed_text(share, 2);
    if (text.starts_with("0.")) return text.substr(1);
    if (text.starts_with("-0.") || text.starts_with("+0.")) return text.erase(1, 1);
    return text == "1.00" ? "1.0" : text;
}

}  // namespace alluvium
