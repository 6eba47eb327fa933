#pragma once
// Traces written by other tools: one file per format, one line per format in the table.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "captures/trace_data.h"

namespace alluvium {

struct ImportRequest {
    std::vector<std::string> files;
    std::string config;  // a config.json or a folder that holds one; may be empty
};

struct Importer {
    std::string_view format;       // as on the command line
    std::string_view description;  // one line, for --help
    // UserError names the file and what in it is not as the format says.
    TraceData (*run)(const ImportRequest& request);
};

std::span<const Importer> importers();

// UserError lists the formats there are.
const Importer& find_importer(std::string_view format);

}  // namespace alluvium
