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

}  // namespace

std::vector<PublishedRow> published_rows() {
    const TextLines file(find_asset("assets/published/apollo_moe.tsv").string());
    std::vector<PublishedRow> rows;
    for (const TextLine& line : std::span(file.lines()).subspan(1)) {
        const std::vector<std::string> fields = split_row(line.text);
        if (fields.size() != 5) file.fail(line, "expected 5 columns", "restore the file");
        rows.push_back({fields[0], number_or_missing(fields[1]), number_or_missing(fields[2]) / 100,
                        number_or_missing(fields[3]) / 100, fields[4]});
    }
    return rows;
}

}  // namespace alluvium
