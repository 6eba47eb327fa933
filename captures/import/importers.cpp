#include "captures/import/importers.h"

#include <array>

#include "base/error.h"
#include "captures/import/counts_json.h"

namespace alluvium {

std::span<const Importer> importers() {
    static constexpr std::array table{
        Importer{"counts-json", "selections and gate sums per layer and expert, a file per group",
                 import_counts_json},
    };
    return table;
}

const Importer& find_importer(std::string_view format) {
    std::string known;
    for (const Importer& importer : importers()) {
        if (importer.format == format) return importer;
        known += (known.empty() ? "" : ", ") + std::string(importer.format);
    }
    throw UserError("unknown import format '" + std::string(format) + "'",
                    "the formats are: " + known);
}

}  // namespace alluvium
