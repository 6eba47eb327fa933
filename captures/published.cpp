#include "captures/published.h"

#include <cstdlib>
#include <limits>
#include <span>

#include "base/assets.h"
#include "captures/prompts/formats.h"
#include "captures/prompts/text_lines.h"

namespace alluvium {
namespace {

double number_or_missing(const std::string& field) {
    char* end = nullptr;
    const double value = std::strtod(field.c_str(), &end);
    const bool whole = !field.empty() && *end == '\0';
    return whole ? value : std::numeric_limits<double>::quiet_NaN();
}

double share_or_missing(const std::string& percent) {
    return number_or_missing(percent) / 100;
}

// The fields of every row below the header.
std::vector<std::vector<std::string>> read_table(const std::string& name, std::size_t columns) {
    const TextLines file(find_asset("assets/published/" + name).string());
    std::vector<std::vector<std::string>> rows;
    for (const TextLine& line : std::span(file.lines()).subspan(1)) {
        rows.push_back(split_row(line.text));
        if (rows.back().size() == columns) continue;
        file.fail(line, "expected " + std::to_string(columns) + " columns", "restore the file");
    }
    return rows;
}

}  // namespace

std::vector<PublishedRow> published_rows() {
    std::vector<PublishedRow> rows;
    for (const auto& fields : read_table("apollo_moe.tsv", 5)) {
        rows.push_back({fields[0], number_or_missing(fields[1]), share_or_missing(fields[2]),
                        share_or_missing(fields[3]), fields[4]});
    }
    return rows;
}

std::vector<PublishedSweepRow> published_sweep_rows() {
    std::vector<PublishedSweepRow> rows;
    for (const auto& fields : read_table("apollo_moe_sweep.tsv", 6)) {
        rows.push_back({fields[0], fields[1], fields[2], share_or_missing(fields[3]),
                        share_or_missing(fields[4]), fields[5]});
    }
    return rows;
}

}  // namespace alluvium
